/*
 * conf.c - libFuzzer on the compiler: any bytes as a configuration.
 *
 *   make build/gen/lexer.c build/gen/routes.c
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
 *       -D_GNU_SOURCE -DNDEBUG -Isrc -Isrc/runtime -Ibuild -Itests/unit -o build/fuzz-conf \
 *       tests/fuzz/conf.c tests/unit/conf_promises.c src/base/[a-z]*.c src/compiler/[a-z]*.c \
 *       build/gen/lexer.c build/gen/routes.c -lidn2 -lacl
 *   mkdir -p build/corpus && cp tests/golden/[bo]*[dk]/[a-z]*.conf build/corpus
 *   build/fuzz-conf -max_total_time=60 -max_len=4096 -timeout=5 build/corpus
 */
#include <stdint.h>

#include "conf_promises.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	conf_promises("tests/fuzz/no.conf", bytes, size);
	return 0;
}
