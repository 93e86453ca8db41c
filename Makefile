# tmail routes - see README.md.  Sources by name; CC, CFLAGS, CPPFLAGS, LDFLAGS,
# PREFIX and DESTDIR are obeyed; what the code itself needs is appended.

VERSION = 1.0.0
PREFIX ?= /usr/local
CC ?= cc
AR ?= ar
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
RE2C ?= re2c
LEMON ?= lemon
OBJCOPY ?= objcopy
B = build

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wformat=2 -Wvla -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef
HARDEN = -fstack-protector-strong -fstack-clash-protection -fPIC
ifndef DEV
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
LDHARDEN = -Wl,-z,relro,-z,now,-z,noexecstack
ifdef DEV
B = build/dev
WARN += -Werror
SAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif

CPPFLAGS_ALL = $(CPPFLAGS) -D_GNU_SOURCE -DTMAIL_VERSION='"$(VERSION)"' \
	-Isrc -Isrc/runtime -I$(B)
CFLAGS_ALL = -std=c11 $(WARN) $(HARDEN) $(CFLAGS) $(SAN) -fvisibility=hidden
LDFLAGS_ALL = $(LDHARDEN) $(LDFLAGS) $(SAN)

BASE = fold idna ip
RUNTIME = index table key ladder route plan status
COMPILER = memory source words statement utf8 diagnostic fault parse secret render \
	names pool model value host load pattern identity relay effective group check \
	packing table image attributes target temporary publish publish_error lock
CLI = main

IDN2_CFLAGS := $(shell $(PKG_CONFIG) --cflags libidn2 2>/dev/null)
IDN2_LIBS := $(shell $(PKG_CONFIG) --libs libidn2 2>/dev/null || echo -lidn2)

base_obj = $(BASE:%=$(B)/base/%.o)
runtime_obj = $(RUNTIME:%=$(B)/runtime/%.o)
compiler_obj = $(COMPILER:%=$(B)/compiler/%.o) $(B)/gen/lexer.o $(B)/gen/routes.o
cli_obj = $(CLI:%=$(B)/cli/%.o)
all_obj = $(base_obj) $(runtime_obj) $(compiler_obj) $(cli_obj)
generated = $(B)/gen/routes.h $(B)/gen/states.h

.DELETE_ON_ERROR:
.PHONY: all clean

all: $(B)/tmail

$(B)/tmail: $(all_obj)
	$(CC) $(LDFLAGS_ALL) -pie -o $@ $(all_obj) $(IDN2_LIBS) -lacl $(LIBS)

# lemon leaves an unchanged header alone: touch it, or it would run each time.
$(B)/gen/routes.c $(B)/gen/routes.h &: grammar/routes.y grammar/lempar.c
	@mkdir -p $(B)/gen
	$(LEMON) -q -l -Tgrammar/lempar.c -d$(B)/gen grammar/routes.y
	@touch $(B)/gen/routes.c $(B)/gen/routes.h

$(B)/gen/lexer.c $(B)/gen/states.h &: grammar/routes.re
	@mkdir -p $(B)/gen
	$(RE2C) -W -Werror -c -b -i --no-generation-date --no-version \
		-t $(B)/gen/states.h -o $(B)/gen/lexer.c grammar/routes.re

$(compiler_obj) $(cli_obj): | $(generated)

# The parser's assertions cost a fifth of its speed; the tests cover them.
$(B)/gen/routes.o: DEFINES = -DNDEBUG

$(B)/gen/%.o: $(B)/gen/%.c
	$(CC) $(CPPFLAGS_ALL) $(DEFINES) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(IDN2_CFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

-include $(all_obj:.o=.d)

clean:
	rm -rf build
