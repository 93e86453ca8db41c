# fuzz.mk - included by the Makefile.  Fuzz targets: make fuzz runs each with
# clang's libFuzzer, ASan and UBSan for SECONDS; make check replays their corpora
# with the ordinary compiler and a main of our own.

FUZZ = conf index query edits serve
FUZZ_NEEDS = clang=clang libclang-rt-dev=/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a
CLANG = clang
SECONDS = 60
FUZZ_FLAGS = -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer

# What comes in place of the compiler's: threads for files and tables of any size.
FUZZ_HALVES = -DLARGE_FILE=16 -Dparse_halves=parse_small_halves
fuzz_replaced = store/parallel text/halves cli/main serve/main
fuzz_obj = $(filter-out $(fuzz_replaced:%=$(B)/%.o),$(sort $(tmail_obj) $(serve_obj)))
replay_obj = $(B)/tests/fuzz/replay.o $(B)/tests/fuzz/threads.o $(B)/tests/fuzz/halves.o
REPLAY = $(FUZZ:%=$(B)/tests/replay_%)

$(FUZZ:%=$(B)/tests/fuzz/%.o) $(replay_obj): | $(generated)
$(FUZZ:%=$(B)/tests/fuzz/%.o) $(replay_obj): CPPFLAGS_ALL += -Itests/unit

$(B)/tests/fuzz/halves.o: src/text/halves.c $(B)/settings
	@mkdir -p $(@D)
	$(call q,CC)$(CC) $(CPPFLAGS_ALL) $(FUZZ_HALVES) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/tests/replay_serve: $(B)/tests/unit/serve_index.o
$(REPLAY): $(B)/tests/replay_%: $(B)/tests/fuzz/%.o $(replay_obj) $(fuzz_obj) \
		$(UNIT_SHARED:%=$(B)/tests/unit/%.o)
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(SERVE_LIBS) $(UNISTRING) $(IDN2_LIBS)

-include $(FUZZ:%=$(B)/tests/fuzz/%.d) $(replay_obj:.o=.d)

# The same sources once more, by clang, with their edges counted.
fuzz_src = $(patsubst $(B)/gen/%.o,$(B)/gen/%.c,$(patsubst $(B)/%.o,src/%.c,$(filter-out \
	$(B)/gen/%,$(fuzz_obj))) $(filter $(B)/gen/%,$(fuzz_obj)))
fuzz_shared = $(patsubst src/%.c,$(B)/fuzz/%.o,$(filter src/%,$(fuzz_src))) \
	$(patsubst $(B)/gen/%.c,$(B)/fuzz/gen/%.o,$(filter $(B)/gen/%,$(fuzz_src))) \
	$(UNIT_SHARED:%=$(B)/fuzz/unit/%.o) $(B)/fuzz/threads.o $(B)/fuzz/halves.o
fuzz_cc = $(CLANG) $(CPPFLAGS_ALL) -Itests/unit $(IDN2_CFLAGS) -std=c11 $(FUZZ_FLAGS) \
	-fsanitize=fuzzer-no-link -DNDEBUG -MMD -MP -c -o

$(B)/fuzz/gen/%.o: $(B)/gen/%.c
	@mkdir -p $(@D)
	$(call q,CLANG)$(fuzz_cc) $@ $<
$(B)/fuzz/halves.o: src/text/halves.c
	@mkdir -p $(@D)
	$(call q,CLANG)$(fuzz_cc) $@ $(FUZZ_HALVES) $<
$(B)/fuzz/unit/%.o: tests/unit/%.c | $(generated)
	@mkdir -p $(@D)
	$(call q,CLANG)$(fuzz_cc) $@ $<
$(B)/fuzz/target/%.o: tests/fuzz/%.c | $(generated)
	@mkdir -p $(@D)
	$(call q,CLANG)$(fuzz_cc) $@ $<
$(B)/fuzz/threads.o: tests/fuzz/threads.c | $(generated)
	@mkdir -p $(@D)
	$(call q,CLANG)$(fuzz_cc) $@ $<
$(B)/fuzz/%.o: src/%.c | $(generated)
	@mkdir -p $(@D)
	$(call q,CLANG)$(fuzz_cc) $@ $<

$(B)/fuzz-serve: $(B)/fuzz/unit/serve_index.o
$(FUZZ:%=$(B)/fuzz-%): $(B)/fuzz-%: $(B)/fuzz/target/%.o $(fuzz_shared)
	$(call q,LINK)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(SERVE_LIBS) $(UNISTRING) $(IDN2_LIBS)

-include $(fuzz_shared:.o=.d) $(FUZZ:%=$(B)/fuzz/target/%.d)

.PHONY: fuzz fuzz-run $(FUZZ:%=fuzz-%)
fuzz:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' tests/packages --install $(BUILD_NEEDS) $(FUZZ_NEEDS)
	@$(MAKE) --no-print-directory fuzz-run
fuzz-run: $(FUZZ:%=fuzz-%)

# New inputs go to build/fuzz, what fails to build/fuzz/NAME-crash-...
$(FUZZ:%=fuzz-%): fuzz-%: $(B)/fuzz-%
	@mkdir -p $(B)/fuzz/corpus/$*
	$< -max_total_time=$(SECONDS) -max_len=4096 -timeout=60 -rss_limit_mb=4096 -close_fd_mask=1 \
		-print_final_stats=1 -artifact_prefix=$(B)/fuzz/$*- $(wildcard tests/fuzz/$*.dict:%=-dict=%) \
		$(B)/fuzz/corpus/$* tests/fuzz/corpus/$*
