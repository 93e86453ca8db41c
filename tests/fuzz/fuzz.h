/* fuzz.h - a target: what holds for any bytes.  It aborts if something does not. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer calls it, and replay.c for the files of a corpus; it returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
