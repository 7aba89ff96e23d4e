/*
 * fuzz_kernel.h: what the fuzzers of kernel files have in common: a machine whose rules are broken
 * ends the run, and the input may be a list of changes to a good file.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include "kernel_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static void machine_violation(const char *what, uint32_t phys, uint32_t bytes) {
    fprintf(stderr, "%s: %u bytes at %x\n", what, bytes, phys);
    abort();
}

void print(const char *format, ...) {
    (void)format;
}

static enum boot_error on_read(uint32_t offset, uint32_t bytes, bool passing) {
    (void)offset, (void)bytes, (void)passing;
    return BOOT_OK;
}

/* The input is the file. */
static void kernel_of(const uint8_t *data, size_t size) {
    kernel_bytes = (uint32_t)(size < sizeof kernel ? size : sizeof kernel);
    memcpy(kernel, data, kernel_bytes);
}

/* The input changes a good file: two bytes where, four bytes what. So the fuzzer gets past the first
 * checks. */
static void kernel_changed(const uint8_t *good, const uint8_t *data, size_t size) {
    memcpy(kernel, good, sizeof kernel);
    kernel_bytes = GOOD_BYTES;
    for (; size >= 6; data += 6, size -= 6) {
        uint32_t at = (data[0] | data[1] << 8) % 0x400; /* all that is judged lies there */
        memcpy(kernel + at, data + 2, 4);
    }
}

#endif
