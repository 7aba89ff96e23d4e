/*
 * io.h: ports, and memory beyond segment 0.
 */
#ifndef STAGE2_IO_H
#define STAGE2_IO_H

#include <ascent/io.h>
#include <stdint.h>

/* Puts `offset` into FS-relative reach: FS = segment. */
static inline void set_fs(uint16_t segment) {
    __asm__ volatile("movw %0, %%fs" : : "r"(segment));
}

static inline uint32_t read_fs32(uint32_t offset) {
    uint32_t value;
    __asm__ volatile("movl %%fs:(%1), %0" : "=r"(value) : "r"(offset) : "memory");
    return value;
}

#endif
