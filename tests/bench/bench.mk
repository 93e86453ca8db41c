# Benchmarks.  make bench [SIZES='1000 100000']: see tests/bench/run.
# make bench-commands: what check, fmt, diff and expectations cost, a part of make bench.
# make bench-stages [ROUTES=1000000]: where the time of a lookup goes.
# make bench-growth [N=2000]: each command at N and ten times N of everything.
# make bench-guard: instructions counted, not time; make bench-guard WRITE=1 keeps them.
BENCH = data tables lookup stages ladder handle measure collide
BENCH_NEEDS = tinycdb=cdb libcdb-dev=cdb.h liblmdb-dev=lmdb.h libsqlite3-dev=sqlite3.h \
	patchelf=patchelf gnuplot-nox=gnuplot perl=perl

# What is measured is the library, hardened as it is, not how it is called.
$(B)/tests/bench/%.o: CFLAGS_ALL += -fno-stack-protector

bench_bin = $(BENCH:%=$(B)/tests/bench/%)
bench_part = $(B)/tests/bench/subject.o $(B)/tests/bench/keys.o
bench_link = $(CC) $(LDFLAGS_ALL) -pie -o $@ $^

$(B)/tests/bench/data: $(B)/tests/bench/data.o $(B)/tests/bench/keys.o
	$(call q,LINK)$(bench_link)

$(B)/tests/bench/measure $(B)/tests/bench/handle $(B)/tests/bench/stages: $(B)/tests/bench/%: $(B)/tests/bench/%.o \
		$(bench_part) $(B)/libtmailroutes.a
	$(call q,LINK)$(bench_link) $(IDN2_LIBS)

$(B)/tests/bench/tables $(B)/tests/bench/lookup: $(B)/tests/bench/%: $(B)/tests/bench/%.o \
		$(B)/tests/bench/peers.o $(bench_part) $(B)/libtmailroutes.a
	$(call q,LINK)$(bench_link) -lcdb -llmdb -lsqlite3 $(IDN2_LIBS) -lpthread

$(B)/tests/bench/ladder: $(B)/tests/bench/ladder.o $(B)/tests/bench/mails.o \
		$(B)/tests/bench/rungs.o $(bench_part) $(B)/libtmailroutes.a
	$(call q,LINK)$(bench_link) -lcdb -lsqlite3 $(IDN2_LIBS)

$(B)/tests/bench/collide: $(B)/tests/bench/collide.o $(bench_part) \
		$(B)/image/placing.o $(B)/image/parts.o $(B)/store/parallel.o $(B)/store/memory.o \
		$(B)/libtmailroutes.a
	$(call q,LINK)$(bench_link) $(IDN2_LIBS) -lpthread

# The guard's counts are for these flags, whatever CFLAGS says.
GUARD_FLAGS = -std=c11 -O2 -DNDEBUG
guard_obj = $(base_obj:$(B)/%=$(B)/guard/%) $(runtime_obj:$(B)/%=$(B)/guard/%) \
	$(compiler_obj:$(B)/%=$(B)/guard/%) $(B)/guard/bench/guard.o \
	$(B)/guard/bench/calibrate.o $(B)/guard/bench/keys.o $(B)/guard/bench/mails.o
guard_cc = @mkdir -p $(@D); $(CC) -D_GNU_SOURCE -Isrc -Isrc/runtime -I$(B) $(GUARD_FLAGS) -MMD -MP

$(B)/guard/gen/%.o: $(B)/gen/%.c
	$(guard_cc) -c -o $@ $<
$(B)/guard/bench/%.o: tests/bench/%.c
	$(guard_cc) -c -o $@ $<
$(B)/guard/%.o: src/%.c
	$(guard_cc) -c -o $@ $<
$(guard_obj): $(B)/settings tests/bench/bench.mk | $(generated)

$(B)/guard/guard: $(guard_obj)
	$(call q,LINK)$(CC) -o $@ $^ $(UNISTRING) $(IDN2_LIBS) -lpthread

.PHONY: bench-run bench-commands bench-guard-run bench-stages bench-growth
bench-growth: $(B)/tmail
	@tests/bench/growth $(B)/tmail $(N)

bench:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' tests/packages --install $(BUILD_NEEDS) $(BENCH_NEEDS)
	@tests/deliver/get-servers
	@$(MAKE) --no-print-directory bench-run
	@$(MAKE) --no-print-directory bench-commands

bench-run: all $(bench_bin)
	@BUILD='$(B)' tests/bench/run

bench-commands: $(B)/tmail $(B)/tests/bench/data $(B)/tests/bench/measure
	@tests/bench/commands $(B)

ROUTES ?= 1000000

bench-stages: $(B)/tmail $(B)/tests/bench/data $(B)/tests/bench/stages
	@dir=$$(mktemp -d /dev/shm/tmail-bench.XXXXXX) && trap 'rm -rf "$$dir"' EXIT && \
		$(B)/tests/bench/data $(ROUTES) "$$dir" && \
		$(B)/tmail routes compile -q -c "$$dir/routes.conf" && \
		$(B)/tests/bench/stages $(ROUTES) "$$dir" | tr '\t' ' '

bench-guard:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' tests/packages --install $(BUILD_NEEDS) valgrind=valgrind
	@$(MAKE) --no-print-directory bench-guard-run

bench-guard-run: $(B)/guard/guard
	@tests/bench/guard $(if $(WRITE),--write) $(B)/guard/guard

# make check runs the guard, too.
SUITES += 'tests/bench/guard $(B)/guard/guard'
check-run: $(B)/guard/guard

-include $(guard_obj:.o=.d) $(wildcard $(B)/tests/bench/*.d)

# What a delivery costs, beside the last commit that made it with libcurl.
.PHONY: bench-deliver bench-deliver-run
bench-deliver:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' tests/packages --install $(BUILD_NEEDS) $(TEST_NEEDS) \
		libcurl4-openssl-dev=curl/curl.h perl=perl
	@tests/deliver/get-servers
	@$(MAKE) --no-print-directory bench-deliver-run

curl_commit = $(shell git log -1 --diff-filter=D --format=%H -- src/smtp/transcript.c)^

$(B)/tests/bench/price: $(B)/tests/bench/price.o
	$(call q,LINK)$(bench_link)

$(B)/tests/bench/handshake: $(B)/tests/bench/handshake.o $(B)/program/prefault.o
	$(call q,LINK)$(bench_link) $(TLS_LIBS)

bench-deliver-run: all $(B)/tests/bench/price $(B)/tests/bench/handshake
	@[ -e $(B)/with-curl ] || git worktree add -q --detach $(B)/with-curl $(curl_commit)
	@$(MAKE) --no-print-directory -s -C $(B)/with-curl B=build all
	@tests/as-root unshare --mount tests/bench/deliver $(B)/with-curl/build $(B)

# What the daemon answers, beside what people use today.
.PHONY: bench-serve bench-serve-run
bench-serve:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' tests/packages --install $(BUILD_NEEDS) $(TEST_NEEDS) python3=python3 \
		libcdb-dev=cdb.h
	@tests/deliver/get-servers
	@$(MAKE) --no-print-directory bench-serve-run

$(B)/tests/bench/queries: $(B)/tests/bench/queries.o $(B)/tests/bench/talk.o
	$(call q,LINK)$(bench_link)

$(B)/tests/bench/nothing: $(B)/tests/bench/nothing.o
	$(call q,LINK)$(bench_link)

bench-serve-run: all $(B)/tests/bench/data $(B)/tests/bench/queries $(B)/tests/bench/nothing
	@tests/as-root tests/bench/serve $(B)
