# tmail routes - see README.md.  Sources by name; CC, CPPFLAGS, CFLAGS, LDFLAGS,
# PREFIX and DESTDIR are obeyed; what the code itself needs is added to them.

VERSION = 1.0.0
# Of the release, for the manual pages.
RELEASED = 2026-11-29
SONAME = libtmailroutes.so.1

CC ?= cc
LD ?= ld
OBJCOPY ?= objcopy
AR ?= ar
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
RE2C ?= re2c
LEMON ?= lemon
SCDOC ?= scdoc
INSTALL ?= install

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/tmail
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
BASHDIR ?= $(DATADIR)/bash-completion/completions
# fish and vim look nowhere below /usr/local, but where the host's own files are; Debian's zsh has
# one place there and another below /usr.
ifeq ($(PREFIX),/usr/local)
FISHDIR ?= /etc/fish/completions
VIMDIR ?= /etc/vim
ZSHDIR ?= $(DATADIR)/zsh/site-functions
endif
ZSHDIR ?= $(DATADIR)/zsh/vendor-completions
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d
VIMDIR ?= $(DATADIR)/vim/vimfiles
EMACSDIR ?= $(DATADIR)/emacs/site-lisp
ifeq ($(PREFIX),/usr)
UNITDIR ?= $(or $(shell $(PKG_CONFIG) --variable=systemdsystemunitdir systemd 2>/dev/null),/usr/lib/systemd/system)
endif
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
# Where tmail looks from the directory it is in.
LIBEXECDIR = $(BINDIR)/../libexec

B = build
ifdef DEV
B = build/dev
endif

BASE = fold idna ip
RUNTIME = index table key domain ladder route plan status
# Of the runtime, what is not in the library.
LISTING = scan
# The rooms, from the floor up; what each may include, tests/cli/tree.bats says.
LETTERS = utf8 nearest number
STORE = memory file_text pool names inodes parallel blocks expand
PUBLISH = attributes trust destination directories temporary swap signals publish commit error lock
PROGRAM = say hide options settings lines password_file receipt beside
TEXT = source words slugs statement diagnostic slip fault lexical_fault parse quick halves suspect secret \
	mask quote edit fmt allow
CONF = value option host load model pattern route_id relay credentials local port hop route plain \
	group bare_name expect check number_routes
ANSWER = line_text show json attempts question ladder_form text_form json_form \
	as_plan as_postfix as_exim as_hop as_form stale
IMAGE = parts placing image entries records
IMPORT = import foreign statement secret postfix postfix_map postfix_main postfix_decide postfix_hop qmail \
	sendmail exim exim_conf tmail
REVIEW = render prove prove_conf suite rungs around written effective show_route stats listing row_json filter \
	report password_files \
	side outcome generic decisions compare samples diff diff_human diff_json diff_markdown
CHANGE = fields compose find change warnings add_route set_route steps guard max_change diff reformat standard_input
WIRING = findings needs transports sockets cf export export_json \
	report child postconf words probe groups reach policy maps clients pipe files doctor
CLI = main compile check fmt add set del number list show test lookup diff import verify stats serve export doctor deliver
SMTP = dialogue body opening auth session offers sasl crypto base64 reply secrets wire outcome message \
	address
# Three shared objects, loaded when needed.
TLS = tls wire
SASL = exchange base64
DNS = resolver channel
DELIVER = deliver delivery arguments peers self own_name next_hop token attempt state dns log
SERVE = main loop client listener passed handle conflicts policy socketmap exim word local_part service \
	metrics http journal spare
MAN = tmail.1 tmail-serve.1 tmail-deliver.1 tmailroutes.3 routes.conf.5 routes.idx.5

# Tests: programs in tests/unit, what several of them share, and suites.
UNIT = test_hash test_table test_attributes test_lock test_publish test_planted test_chunk test_fold test_marks test_ip \
	test_reader test_ladder test_damage test_plan test_mutations test_lexer test_parse test_words \
	test_halves test_source test_values test_fmt test_wire test_reply test_clients test_http
UNIT_SHARED = mini_index mini_file conf_promises naive use_index
FAULT = reader plant.so alloc.so allocations.so apart/tmail apart/tmail-deliver
DOCUMENTS = README.md src/cli/tmail.1.scd src/conf/routes.conf.5.scd
# Those that wait for time to pass start first, beside those that work, and then what takes longest,
# that no other has to wait for them at the end.
WAITING = $(patsubst %,tests/%.bats,deliver/state deliver/odd deliver/strange deliver/limits)
LONG = $(patsubst %,tests/%.bats,cli/edit deliver/relays cli/add cli/secrets cli/golden deliver/tls \
	cli/build cli/compile cli/dist cli/tree deliver/postfix)
SUITES = $(WAITING) $(LONG) $(filter-out $(WAITING) $(LONG), \
	$(sort $(wildcard tests/cli/*.bats tests/deliver/*.bats tests/serve/*.bats)))
# What looks at the sources, builds them by itself, or asks shells: once is enough.
APART = $(patsubst %,tests/cli/%.bats,build completion dist kept packages tree)
# What is skipped, in part or whole, if run by others; or looks into a tmail, which
# keeps other users, and so all but root, out of its memory.
ROOTED = tests/deliver/%.bats $(addprefix tests/serve/,postfix% exim% systemd% log% export.bats doctor.bats) \
	$(patsubst %,tests/cli/%.bats,codes files compile secrets) \
	$(patsubst %,$(B)/tests/test_%,attributes lock planted publish)
as_root = $(foreach t,$(1),$(if $(filter $(ROOTED),$t),'tests/as-root $t',$t))
FAULTS = $(foreach part,add set+del number+relay+compile+mistakes, \
	'tests/as-root tests/fault/syscalls.sh $(B)/tmail $(B)/tests/plant.so $(subst +, ,$(part))') \
	'tests/as-root tests/fault/deliver.sh $(B)/tmail $(B)/tests/allocations.so' \
	'tests/fault/memory $(B)/tmail $(B)/tests/reader $(B)/tests/alloc.so'

# What re2c and lemon make is in a tarball, for a builder without them.
GENERATED = grammar/generated
ready = $(if $(shell command -v $(firstword $(1))),,$(wildcard $(GENERATED)/SOURCES))
RE2C_READY := $(call ready,$(RE2C))
LEMON_READY := $(call ready,$(LEMON))
take = $(call q,COPY)sha256sum --check --quiet $(GENERATED)/SOURCES && cp $(1:%=$(GENERATED)/%) $(B)/gen/

# Debian package=what shows that it is there: a program or a header.
TMAIL_NEEDS = gcc=$(firstword $(CC)) libc6-dev=stdio.h make=make pkg-config=$(firstword $(PKG_CONFIG)) \
	$(if $(RE2C_READY),,re2c=$(RE2C)) $(if $(LEMON_READY),,lemon=$(LEMON)) \
	libxxhash-dev=xxhash.h libidn2-dev=idn2.h libunistring-dev=unistr.h
# Those of what delivers and serves, besides.
BUILD_NEEDS = $(TMAIL_NEEDS) libssl-dev=openssl/ssl.h libgsasl-dev=gsasl.h \
	libc-ares-dev=ares.h libmicrohttpd-dev=microhttpd.h
TEST_NEEDS = libcmocka-dev=cmocka.h bats=bats jq=jq patch=patch g++=g++ strace=strace \
	acl=setfacl attr=setfattr scdoc=$(SCDOC) mandoc=mandoc perl=perl procps=pkill time=/usr/bin/time uidmap=newuidmap \
	socat=socat sqlite3=sqlite3 openssl=openssl patchelf=patchelf iproute2=ip netbase=/etc/services curl=curl git=git libxml2-utils=xmllint abigail-tools=abidw
# Without these some suites are skipped; CI allows no skip.
CI_NEEDS = zsh=zsh fish=fish vim=vim emacs-nox=emacs prometheus=promtool valgrind=valgrind $(FUZZ_NEEDS)

# For other machines: compilers, and what runs their programs here.
PLATFORM_NEEDS = gcc-aarch64-linux-gnu=aarch64-linux-gnu-gcc gcc-arm-linux-gnueabihf=arm-linux-gnueabihf-gcc \
	gcc-s390x-linux-gnu=s390x-linux-gnu-gcc qemu-user-static=qemu-s390x-static musl-tools=musl-gcc \
	bats=bats jq=jq perl=perl

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wformat=2 -Wvla -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef

# Hardening, where the compiler has it.  glibc's fortification wants an
# optimizer, and a level that the flags name already stays.
probe = $(shell for f in $(1); do \
	$(CC) -Werror $$f -x c -S -o - /dev/null >/dev/null 2>&1 && echo $$f; done)
HARDEN := -fPIC $(call probe,-fstack-protector-strong -fstack-clash-protection -fcf-protection)
HARDEN += $(if $(findstring -flto,$(CFLAGS)),-ffat-lto-objects)
ifneq ($(filter-out -O0,$(filter -O%,$(CFLAGS))),)
ifeq ($(DEV)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif
LDHARDEN = -Wl,-z,relro,-z,now,-z,noexecstack
NODEFS = -Wl,-z,defs
ifdef DEV
WARN += -Werror
SAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
NODEFS =
endif

# Files and years of any size, where long has 32 bits.
LARGE := $(if $(filter 4,$(shell echo __SIZEOF_LONG__ | \
	$(CC) $(CFLAGS) -E -P - 2>/dev/null)),-D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64)

CPPFLAGS_ALL = $(CPPFLAGS) -D_GNU_SOURCE $(LARGE) -DTMAIL_VERSION='"$(VERSION)"' \
	-Isrc -Isrc/runtime -I$(B)
CFLAGS_ALL = -std=c11 $(WARN) $(HARDEN) $(CFLAGS) $(SAN) -fvisibility=hidden
LDFLAGS_ALL = $(LDHARDEN) $(LDFLAGS) $(SAN)

IDN2_CFLAGS := $(shell $(PKG_CONFIG) --cflags libidn2 2>/dev/null)
IDN2_LIBS := $(shell $(PKG_CONFIG) --libs libidn2 2>/dev/null || echo -lidn2)
# What reads text needs besides.
UNISTRING = -lunistring
# These are needed by a shared object each of a delivery.
DNS_LIBS := $(shell $(PKG_CONFIG) --libs libcares 2>/dev/null || echo -lcares)
# The one with most of the names first: the linker looks there first.
TLS_LIBS := $(shell $(PKG_CONFIG) --libs libcrypto libssl 2>/dev/null || echo -lcrypto -lssl)
SASL_LIBS := $(shell $(PKG_CONFIG) --libs libgsasl 2>/dev/null || echo -lgsasl)

# tmail-serve alone needs this.
SERVE_LIBS := $(shell $(PKG_CONFIG) --libs libmicrohttpd 2>/dev/null || echo -lmicrohttpd)

base_obj = $(BASE:%=$(B)/base/%.o)
runtime_obj = $(RUNTIME:%=$(B)/runtime/%.o)
# From text to index, and files replaced; and what commands are made of above it.
compiler_obj = $(LETTERS:%=$(B)/base/%.o) $(STORE:%=$(B)/store/%.o) $(PUBLISH:%=$(B)/publish/%.o) \
	$(TEXT:%=$(B)/text/%.o) $(CONF:%=$(B)/conf/%.o) $(IMAGE:%=$(B)/image/%.o) \
	$(B)/gen/lexer.o $(B)/gen/routes.o $(B)/gen/values.o
cli_obj = $(PROGRAM:%=$(B)/program/%.o) $(ANSWER:%=$(B)/answer/%.o) $(IMPORT:%=$(B)/import/%.o) \
	$(REVIEW:%=$(B)/review/%.o) $(CHANGE:%=$(B)/change/%.o) $(WIRING:%=$(B)/wiring/%.o) $(CLI:%=$(B)/cli/%.o)
deliver_obj = $(DELIVER:%=$(B)/deliver/%.o) $(SMTP:%=$(B)/smtp/%.o) $(B)/base/nearest.o \
	$(B)/program/password_file.o $(B)/program/log_escape.o $(B)/program/receipt.o \
	$(B)/program/ending.o $(B)/program/beside.o $(B)/program/module.o $(B)/program/prefault.o \
	$(B)/gen/values.o
serve_obj = $(SERVE:%=$(B)/serve/%.o) $(patsubst %,$(B)/answer/%.o,as_plan as_postfix as_exim as_hop) \
	$(patsubst %,$(B)/program/%.o,say hide options settings password_file log_escape) \
	$(lib_obj) $(listing_obj)
tls_obj = $(TLS:%=$(B)/smtp/%.o) $(B)/base/ip.o $(B)/program/prefault.o $(B)/program/password_file.o
sasl_obj = $(SASL:%=$(B)/smtp/%.o)
dns_obj = $(DNS:%=$(B)/deliver/%.o)
lib_obj = $(base_obj) $(runtime_obj)
listing_obj = $(LISTING:%=$(B)/runtime/%.o)
commands_obj = $(lib_obj) $(listing_obj) $(compiler_obj) $(cli_obj)
tmail_obj = $(commands_obj) $(filter-out $(commands_obj),$(deliver_obj))
unit_obj = $(UNIT:%=$(B)/tests/unit/%.o) $(UNIT_SHARED:%=$(B)/tests/unit/%.o) $(B)/tests/unit/serve_index.o
fault_obj = $(B)/tests/fault/reader.o $(B)/tests/fault/apart/tmail.o $(B)/tests/fault/apart/deliver.o
all_obj = $(tmail_obj) $(serve_obj) $(tls_obj) $(sasl_obj) $(dns_obj) $(unit_obj) $(fault_obj) $(B)/tests/unit/lexer.o
generated = $(B)/gen/routes.h $(B)/gen/states.h

modules = $(B)/tmail-tls.so $(B)/tmail-sasl.so $(B)/tmail-dns.so
lib_so = $(B)/libtmailroutes.so.$(VERSION)
libs = $(B)/libtmailroutes.a $(lib_so) $(B)/$(SONAME) $(B)/libtmailroutes.so
ifneq ($(shell command -v $(SCDOC)),)
man = $(patsubst %.scd,$(B)/man/%,$(notdir $(wildcard $(MAN:%=src/*/%.scd))))
endif

# make V=1 shows whole commands, make -s nothing.
silent = $(findstring s,$(firstword -$(MAKEFLAGS)))
q = $(if $(V),,@$(if $(silent),,printf '  %-8s %s\n' $(1) '$@';))

# What was built with other flags is built again; installing builds nothing anew.
settings = $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL)
ifeq ($(filter clean install uninstall,$(MAKECMDGOALS)),)
ifneq ($(file <$(B)/settings),$(settings))
$(shell mkdir -p $(B))$(file >$(B)/settings,$(settings))
endif
endif

.DELETE_ON_ERROR:
.PHONY: all check check-needs check-servers check-run check-serve check-serve-run check-platforms check-releases \
	fault-full demo demo-run bench bench-guard install uninstall clean distclean

all: $(B)/tmail $(B)/tmail-serve $(modules) $(libs) $(man) $(B)/tmailroutes.pc

# One clear line for a missing tool or header, before the compiler's many.
$(B)/needs: NEEDS = $(TMAIL_NEEDS)
$(B)/all-needs: NEEDS = $(BUILD_NEEDS)
$(B)/needs $(B)/all-needs: Makefile tests/packages
	@mkdir -p $(@D)
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' tests/packages $(NEEDS)
	@touch $@

$(B)/settings: | $(B)/needs
	$(file >$@,$(settings))

# A mail server bounces on the dynamic linker's 127: with these archives (they
# come with the -dev packages) tmail, and so `tmail deliver`, needs libc alone.
archives := $(foreach l,idn2 unistring,$(shell $(CC) -print-file-name=lib$(l).a 2>/dev/null))
TMAIL_LIBS = $(if $(filter-out /%,$(archives)),$(IDN2_LIBS) $(UNISTRING),$(archives))

$(B)/tmail: $(tmail_obj)
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) -fPIE -pie -o $@ $(tmail_obj) $(TMAIL_LIBS) $(LIBS)

$(B)/tmail-tls.so: $(tls_obj)
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) $(NODEFS) -shared -o $@ $^ $(TLS_LIBS)

$(B)/tmail-sasl.so: $(sasl_obj)
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) $(NODEFS) -shared -o $@ $^ $(SASL_LIBS)

$(B)/tmail-dns.so: $(dns_obj)
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) $(NODEFS) -shared -o $@ $^ $(DNS_LIBS)

# Of these it takes what masks passwords in messages.
$(B)/compiler.a: $(compiler_obj)
	@rm -f $@
	$(call q,AR)$(AR) rcs $@ $^

$(B)/tmail-serve: $(serve_obj) $(B)/compiler.a
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) -fPIE -pie -o $@ $^ $(SERVE_LIBS) $(TMAIL_LIBS) $(LIBS)

$(lib_so): $(lib_obj) src/runtime/routes.map
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) $(NODEFS) -shared -Wl,-soname,$(SONAME) \
		-Wl,--version-script,src/runtime/routes.map -o $@ $(lib_obj) $(IDN2_LIBS)

$(B)/$(SONAME) $(B)/libtmailroutes.so: $(lib_so)
	$(call q,LN)ln -sf $(<F) $@

# One object in which only what the header exports is left global, and no code for
# a linker with -flto, which would know the rest.
$(B)/libtmailroutes.a: $(lib_obj)
	$(call q,LD)$(LD) -r -o $(B)/libtmailroutes.o $(lib_obj)
	$(call q,OBJCOPY)$(OBJCOPY) --localize-hidden -R '.gnu.lto_*' $(B)/libtmailroutes.o
	@rm -f $@
	$(call q,AR)$(AR) rcs $@ $(B)/libtmailroutes.o

pc = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' \
	-e 's|@LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' \
	-e 's|@INCLUDEDIR@|$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|' src/runtime/tmailroutes.pc.in

$(B)/tmailroutes.pc: src/runtime/tmailroutes.pc.in Makefile
	@mkdir -p $(@D)
	$(call q,GEN)$(pc) >$@

vpath %.scd src/cli src/conf src/runtime src/serve
$(B)/man/%: %.scd Makefile
	@mkdir -p $(@D)
	$(call q,MAN)sed '1s/@VERSION@/$(VERSION)/' $< | \
		SOURCE_DATE_EPOCH=$$(date -u -d $(RELEASED) +%s) $(SCDOC) >$@ && \
		sed -i '/^\.TH /s/\\-/-/g' $@

run_lemon = $(call q,LEMON)$(LEMON) -q -l -Tgrammar/lempar.c -d$(B)/gen grammar/routes.y
run_re2c = $(call q,RE2C)$(RE2C) -W -Werror -b -i --no-generation-date --no-version

# lemon leaves an unchanged header alone: touch it, or it would run each time.
$(B)/gen/routes.c $(B)/gen/routes.h &: grammar/routes.y grammar/lempar.c | $(B)/needs
	@mkdir -p $(B)/gen
	$(if $(LEMON_READY),$(call take,routes.c routes.h),$(run_lemon))
	@touch $(B)/gen/routes.c $(B)/gen/routes.h

# A rule of the lexer for each row of the table of options.
$(B)/gen/options.re: src/text/words.h
	@mkdir -p $(@D)
	$(call q,GEN)sed -n 's/^	ROW(\([A-Z_]*\), \("[a-z-]*"\),.*/<HEAD,KEYWORD> \2 { OPTION(\1) }/p' $< >$@

$(B)/gen/lexer.c $(B)/gen/states.h &: grammar/routes.re $(B)/gen/options.re | $(B)/needs
	$(if $(RE2C_READY),$(call take,lexer.c states.h),$(run_re2c) -c -I $(B)/gen \
		-t $(B)/gen/states.h -o $(B)/gen/lexer.c grammar/routes.re)

$(B)/gen/values.c: grammar/values.re | $(B)/needs
	@mkdir -p $(B)/gen
	$(if $(RE2C_READY),$(call take,$(@F)),$(run_re2c) -o $@ $<)

$(compiler_obj) $(cli_obj) $(unit_obj): | $(generated)
$(filter-out $(tmail_obj),$(deliver_obj) $(serve_obj) $(tls_obj) $(sasl_obj) $(dns_obj)): | $(B)/all-needs

# The parser's assertions cost a fifth of its speed; the tests cover them.
$(B)/gen/routes.o: DEFINES = -DNDEBUG

# What passes times to c-ares passes them as c-ares was built: as the platform does by itself.
$(B)/deliver/channel.o: LARGE := $(filter-out -D_TIME_BITS=64,$(LARGE))

$(B)/gen/%.o: $(B)/gen/%.c $(B)/settings
	$(call q,CC)$(CC) $(CPPFLAGS_ALL) $(DEFINES) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/%.o: src/%.c $(B)/settings
	@mkdir -p $(@D)
	$(call q,CC)$(CC) $(CPPFLAGS_ALL) $(IDN2_CFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

-include $(all_obj:.o=.d)

# Tests.  Each unit program takes from the archive what it needs.
$(B)/tests/%.o: tests/%.c $(B)/settings
	@mkdir -p $(@D)
	$(call q,CC)$(CC) $(CPPFLAGS_ALL) $(IDN2_CFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/tests/all.a: $(lib_obj) $(listing_obj) $(compiler_obj) $(B)/review/render.o $(UNIT_SHARED:%=$(B)/tests/unit/%.o)
	@rm -f $@
	$(call q,AR)$(AR) rcs $@ $^

$(UNIT:%=$(B)/tests/%): $(B)/tests/%: $(B)/tests/unit/%.o $(B)/tests/all.a
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) -fPIE -pie -o $@ $(filter %.o,$^) $(filter %.a,$^) \
		-lcmocka $(UNIT_LIBS) $(UNISTRING) $(IDN2_LIBS)

$(B)/tests/test_wire: $(B)/smtp/wire.o
$(B)/tests/test_reply: $(patsubst %,$(B)/smtp/%.o,reply secrets offers sasl crypto base64 wire) \
	$(B)/program/beside.o $(B)/program/module.o

$(B)/tests/test_clients $(B)/tests/test_http: $(B)/tests/unit/serve_index.o \
	$(filter-out $(patsubst %,$(B)/serve/%.o,main loop http),$(serve_obj))
$(B)/tests/test_http: $(B)/serve/http.o
$(B)/tests/test_http: UNIT_LIBS = $(SERVE_LIBS)

# The lexer once more, for a test that counts what it does.
$(B)/tests/test_lexer: $(B)/tests/unit/lexer.o
$(B)/tests/unit/lexer.o: $(B)/gen/lexer.c $(B)/settings
	@mkdir -p $(@D)
	$(call q,CC)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -fsanitize-coverage=trace-pc -MMD -MP -c -o $@ $<

$(B)/tests/reader: $(B)/tests/fault/reader.o $(B)/tests/all.a
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) -fPIE -pie -o $@ $^ $(UNISTRING) $(IDN2_LIBS)

# A tmail whose delivery is another program, and that program, for tests to put theirs in between.
$(B)/tests/apart/tmail: $(filter-out %/deliver/deliver.o,$(tmail_obj)) $(B)/tests/fault/apart/tmail.o
	@mkdir -p $(@D)
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) -fPIE -pie -o $@ $^ $(TMAIL_LIBS) $(LIBS)

$(B)/tests/apart/tmail-deliver: $(deliver_obj) $(lib_obj) $(B)/tests/fault/apart/deliver.o | $(modules)
	@mkdir -p $(@D)
	ln -sf $(patsubst $(B)/%,../../%,$(modules)) $(@D)
	$(call q,LINK)$(CC) $(LDFLAGS_ALL) -fPIE -pie -o $@ $^ $(TMAIL_LIBS) $(LIBS)

$(filter %.so,$(FAULT:%=$(B)/tests/%)): $(B)/tests/%.so: tests/fault/%.c $(B)/settings
	@mkdir -p $(@D)
	$(call q,CC)$(CC) $(CPPFLAGS_ALL) -std=c11 $(WARN) $(HARDEN) $(CFLAGS) $(LDHARDEN) $(LDFLAGS) \
		-shared -o $@ $< -ldl

include tests/fuzz/fuzz.mk

check-needs:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' tests/packages --install $(BUILD_NEEDS) $(TEST_NEEDS) $(if $(CI),$(CI_NEEDS))

check: check-needs
	@tests/give-back $(MAKE) --no-print-directory check-servers

check-servers:
	@tests/deliver/get-servers
	@$(MAKE) --no-print-directory check-run

check-run: all $(UNIT:%=$(B)/tests/%) $(REPLAY) $(FAULT:%=$(B)/tests/%)
	@count=$$(tests/runner.sh) || { echo "$$count"; exit 1; }; \
		printf '%-50s %s\n' tests/run "$$count"
	@BUILD='$(B)' TMAIL='$(B)/tmail' CC='$(CC)' DEV='$(DEV)' tests/run \
		$(call as_root,$(firstword $(WAITING))) $(FAULTS) $(if $(DEV),,'tests/fuzz/run $(B)') \
		$(call as_root,$(filter-out $(firstword $(WAITING)) $(if $(DEV),$(APART)),$(SUITES))) tests/property/routing.sh tests/property/decisions.pl 'tests/examples $(DOCUMENTS)' \
		$(foreach f,$(FUZZ),'$(B)/tests/replay_$f tests/fuzz/corpus/$f') \
		$(call as_root,$(UNIT:%=$(B)/tests/%))

# For other machines and another C library; PLATFORMS: only these.
PLATFORMS = arm64 armhf s390x musl
packages_of = $(foreach need,$(1),$(firstword $(subst =, ,$(need))))

check-platforms:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' tests/packages --install $(BUILD_NEEDS) $(PLATFORM_NEEDS)
	@$(MAKE) --no-print-directory $(B)/tmail
	@TMAIL='$(B)/tmail' UNITS='$(UNIT)' \
		LIBRARIES='$(filter %-dev,$(call packages_of,$(BUILD_NEEDS) $(TEST_NEEDS)))' \
		tests/platforms $(PLATFORMS)

# In clean roots of both releases, as a user who has sudo: hours.
check-releases:
	@code=0; for release in bookworm trixie; do \
		tests/releases $$release user || code=1; done; exit $$code

# The suites of the daemon alone, also for tests/releases.
check-serve: check-needs
	@tests/deliver/get-servers
	@$(MAKE) --no-print-directory check-serve-run

check-serve-run: all
	@BUILD='$(B)' TMAIL='$(B)/tmail' tests/run $(call as_root,$(wildcard tests/serve/*.bats))

# Every fault there is, where make check takes samples: hours.
fault-full: all $(FAULT:%=$(B)/tests/%)
	@FAULT_FULL=1 DEV='$(DEV)' tests/run $(FAULTS)

demo:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' tests/packages --install $(TMAIL_NEEDS)
	@$(MAKE) --no-print-directory demo-run

demo-run: $(B)/tmail
	@contrib/demo $(B)


include tests/bench/bench.mk
# The build does without.
-include contrib/dist/dist.mk contrib/packages.mk

SAMPLES = routes.conf routes.d/customers.conf newsletters.list
RECIPES = $(patsubst contrib/%,%,$(wildcard $(patsubst %,contrib/%/*,postfix exim oauth ci vscode)))
VIM = syntax/tmailroutes.vim ftdetect/tmailroutes.vim compiler/tmailroutes.vim ale_linters/tmailroutes/tmail.vim
PAGES = README.md contrib/NEWS.md contrib/COMPATIBILITY.md contrib/SECURITY.md contrib/VERIFY.md
UNITS = $(notdir $(wildcard contrib/systemd/*.service contrib/systemd/*.socket))
put = $(INSTALL) -D -m
D = '$(DESTDIR)'

install: all
	$(put) 755 $(B)/tmail $(D)$(BINDIR)/tmail
	$(put) 755 $(B)/tmail-serve $(D)$(LIBEXECDIR)/tmail/tmail-serve
	$(put) 644 $(B)/tmail-tls.so $(D)$(LIBEXECDIR)/tmail/tmail-tls.so
	$(put) 644 $(B)/tmail-sasl.so $(D)$(LIBEXECDIR)/tmail/tmail-sasl.so
	$(put) 644 $(B)/tmail-dns.so $(D)$(LIBEXECDIR)/tmail/tmail-dns.so
	$(put) 644 $(B)/libtmailroutes.a $(D)$(LIBDIR)/libtmailroutes.a
	$(put) 644 $(lib_so) $(D)$(LIBDIR)/$(notdir $(lib_so))
	ln -sf $(notdir $(lib_so)) $(D)$(LIBDIR)/$(SONAME)
	ln -sf $(notdir $(lib_so)) $(D)$(LIBDIR)/libtmailroutes.so
	$(put) 644 src/runtime/tmail/routes.h $(D)$(INCLUDEDIR)/tmail/routes.h
	$(INSTALL) -d $(D)$(PKGCONFIGDIR)
	$(pc) >$(D)$(PKGCONFIGDIR)/tmailroutes.pc
	chmod 644 $(D)$(PKGCONFIGDIR)/tmailroutes.pc
	for m in $(notdir $(man)); do \
		$(put) 644 $(B)/man/$$m $(D)$(MANDIR)/man$${m##*.}/$$m || exit; done
	$(put) 644 contrib/completion/tmail.bash $(D)$(BASHDIR)/tmail
	$(put) 644 contrib/completion/_tmail $(D)$(ZSHDIR)/_tmail
	$(put) 644 contrib/completion/tmail.fish $(D)$(FISHDIR)/tmail.fish
	for f in $(VIM); do $(put) 644 contrib/vim/$$f $(D)$(VIMDIR)/$$f || exit; done
	$(put) 644 contrib/emacs/tmail-routes.el $(D)$(EMACSDIR)/tmail-routes.el
	for f in $(SAMPLES); do $(put) 644 etc/$$f $(D)$(DOCDIR)/examples/$$f || exit; done
	for f in $(RECIPES); do $(put) 644 contrib/$$f $(D)$(DOCDIR)/$$f && \
		sed -i 's|/usr/bin/tmail|$(BINDIR)/tmail|' $(D)$(DOCDIR)/$$f || exit; done
	for f in $(UNITS); do $(put) 644 contrib/systemd/$$f $(D)$(UNITDIR)/$$f && \
		sed -i 's|/usr/bin/tmail|$(BINDIR)/tmail|' $(D)$(UNITDIR)/$$f || exit; done
	$(put) 644 contrib/systemd/sysusers.conf $(D)$(SYSUSERSDIR)/tmail.conf
	$(put) 644 contrib/systemd/tmpfiles.conf $(D)$(TMPFILESDIR)/tmail.conf
	for f in $(PAGES); do $(put) 644 $$f $(D)$(DOCDIR)/$${f##*/} || exit; done
	@# So that programs find the library at once.
	@[ -n '$(DESTDIR)' ] || [ "$$(id -u)" != 0 ] || PATH=$$PATH:/sbin:/usr/sbin ldconfig

# Never /etc/tmail: the configuration is the administrator's.
uninstall:
	rm -f $(D)$(BINDIR)/tmail $(D)$(LIBEXECDIR)/tmail/tmail-serve \
		$(D)$(LIBEXECDIR)/tmail/tmail-tls.so $(D)$(LIBEXECDIR)/tmail/tmail-sasl.so \
		$(D)$(LIBEXECDIR)/tmail/tmail-dns.so \
		$(D)$(LIBDIR)/libtmailroutes.a $(D)$(LIBDIR)/libtmailroutes.so* \
		$(D)$(INCLUDEDIR)/tmail/routes.h $(D)$(PKGCONFIGDIR)/tmailroutes.pc \
		$(D)$(BASHDIR)/tmail $(D)$(ZSHDIR)/_tmail $(D)$(FISHDIR)/tmail.fish \
		$(addprefix $(D)$(VIMDIR)/,$(VIM)) $(D)$(EMACSDIR)/tmail-routes.el \
		$(addprefix $(D)$(UNITDIR)/,$(UNITS)) $(D)$(SYSUSERSDIR)/tmail.conf $(D)$(TMPFILESDIR)/tmail.conf \
		$(addprefix $(D)$(DOCDIR)/,$(notdir $(PAGES)) $(RECIPES) $(SAMPLES:%=examples/%))
	for m in $(MAN); do rm -f $(D)$(MANDIR)/man$${m##*.}/$$m; done
	-rmdir --ignore-fail-on-non-empty $(D)$(LIBEXECDIR)/tmail $(D)$(INCLUDEDIR)/tmail \
		$(addprefix $(D)$(DOCDIR)/,examples/routes.d examples $(sort $(dir $(RECIPES)))) \
		$(D)$(DOCDIR)

clean distclean:
	rm -rf build
