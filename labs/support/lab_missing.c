/*
 * lab_missing.c: the end of a boot that lacks the part of a lab. Real mode; contract in lab_missing.h.
 */
#include "lab_missing.h"

#include <ascent/layout.h>

#include "io.h"
#include "serial.h"

#define LAST_ROW 3840 /* 24 rows of 80 characters, two bytes each */
#define WHITE_ON_RED 0x4F00

/* Segment 0 does not reach the screen: FS does. */
static void put_on_screen(uint32_t cell, char c) {
    __asm__ volatile("movw %w0, %%fs; movw %w1, %%fs:(%2)"
                     :
                     : "r"(VGA_SEGMENT), "r"(WHITE_ON_RED | (uint8_t)c), "r"(LAST_ROW + 2 * cell)
                     : "memory");
}

static void put(char c) {
    serial_putc(c);
    outb(DEBUG_PORT, (uint8_t)c);
}

void lab_missing(const char *text) {
    __asm__ volatile("cli");
    (void)serial_loop_end(); /* should COM1 talk to itself */
    serial_set_speed();
    put('\n');
    for (uint32_t cell = 0; text[cell]; cell++) {
        put_on_screen(cell, text[cell]);
        put(text[cell]);
    }
    put('\r');
    put('\n');
    for (;;) __asm__ volatile("cli; hlt");
}
