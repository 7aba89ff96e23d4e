/*
 * text.c: a text that grows as it is written.
 */
#include <fs/text.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

#define FIRST_ROOM 512u
#define LINE_ROOM 256u

/* Room for so many bytes more. */
static bool grow(struct text *text, uint32_t more) {
    uint32_t room = text->room ? text->room : FIRST_ROOM;

    if (text->failed) return false;
    while (room - text->length < more) room *= 2;
    if (room == text->room) return true;
    char *bytes = krealloc(text->bytes, room, GFP_KERNEL);
    text->failed = !bytes;
    if (!bytes) return false;
    text->bytes = bytes;
    text->room = room;
    return true;
}

void text_add(struct text *text, const void *bytes, uint32_t count) {
    if (!grow(text, count)) return;
    memcpy(text->bytes + text->length, bytes, count);
    text->length += count;
}

void text_print(struct text *text, const char *format, ...) {
    char line[LINE_ROOM];
    va_list args;

    va_start(args, format);
    int length = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_add(text, line, length < (int)sizeof line ? (uint32_t)length : (uint32_t)sizeof line - 1);
}

void text_free(struct text *text) {
    kfree(text->bytes);
    *text = (struct text){0};
}
