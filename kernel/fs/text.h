/*
 * text.h: a text that grows as it is written: what a file of /proc holds.
 */
#ifndef FS_TEXT_H
#define FS_TEXT_H

#include <lib/printk.h>
#include <stdbool.h>
#include <stdint.h>

struct text {
    char *bytes; /* of kmalloc() */
    uint32_t length, room;
    bool failed; /* there was no memory for some of it */
};

/* printk.h has the formats. */
void text_print(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_add(struct text *text, const void *bytes, uint32_t count);
void text_free(struct text *text);

#endif
