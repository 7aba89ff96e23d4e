/*
 * io.h: port input and output, and the registers that C has no name for.
 */
#ifndef STAGE2_IO_H
#define STAGE2_IO_H

#include <stdint.h>

static inline void outb(uint16_t port, uint8_t value) {
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port) {
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* Some microseconds: a write to port 80h, where POST codes go, takes one bus cycle. */
static inline void io_delay(void) {
    outb(0x80, 0);
}

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
