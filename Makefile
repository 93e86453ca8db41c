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
	-Isrc -Isrc/runtime -I$(B)/gen
CFLAGS_ALL = -std=c11 $(WARN) $(HARDEN) $(CFLAGS) $(SAN) -fvisibility=hidden
LDFLAGS_ALL = $(LDHARDEN) $(LDFLAGS) $(SAN)

BASE = fold idna ip
RUNTIME = index table key ladder route plan status
COMPILER =
CLI =

base_obj = $(BASE:%=$(B)/base/%.o)
runtime_obj = $(RUNTIME:%=$(B)/runtime/%.o)
compiler_obj = $(COMPILER:%=$(B)/compiler/%.o) $(B)/gen/lexer.o $(B)/gen/routes.o
cli_obj = $(CLI:%=$(B)/cli/%.o)

.DELETE_ON_ERROR:
