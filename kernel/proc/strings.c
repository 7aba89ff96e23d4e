/*
 * strings.c: argv and envp, on their way from one space to another.
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/strings.h>

#define FIRST_ROOM 512u

/* Room for more: twice as much each time. */
static int grow(struct strings *strings) {
    uint32_t room = strings->room ? strings->room * 2 : FIRST_ROOM;

    if (room > STRINGS_MAX_BYTES) return -E2BIG;
    char *text = krealloc(strings->text, room, GFP_KERNEL);
    if (!text) return -ENOMEM;
    strings->text = text;
    strings->room = room;
    return 0;
}

static int add_bytes(struct strings *strings, const char *text, uint32_t bytes) {
    while (strings->room - strings->bytes < bytes) {
        int error = grow(strings);
        if (error) return error;
    }
    memcpy(strings->text + strings->bytes, text, bytes);
    strings->bytes += bytes;
    return 0;
}

int strings_add(struct strings *strings, const char *text) {
    int error = add_bytes(strings, text, (uint32_t)strlen(text) + 1);

    if (!error) strings->count++;
    return error;
}

int strings_add_user(struct strings *strings, uint32_t user) {
    for (;;) {
        uint32_t left = strings->room - strings->bytes;
        if (left > STRING_MAX) left = STRING_MAX;
        int length = -ENAMETOOLONG;
        if (left) length = strncpy_from_user(strings->text + strings->bytes, user, left);
        if (length >= 0) {
            strings->bytes += (uint32_t)length + 1;
            strings->count++;
            return 0;
        }
        if (length != -ENAMETOOLONG) return length;
        if (left == STRING_MAX) return -E2BIG;
        int error = grow(strings);
        if (error) return error;
    }
}

int strings_add_user_array(struct strings *strings, uint32_t user) {
    uint32_t string;

    for (; user; user += sizeof string) {
        if (get_user(&string, user)) return -EFAULT;
        if (!string) break;
        int error = strings_add_user(strings, string);
        if (error) return error;
    }
    return 0;
}

int strings_add_rest(struct strings *strings, const struct strings *more) {
    if (!more->count) return 0;
    uint32_t skip = (uint32_t)strlen(more->text) + 1;
    int error = add_bytes(strings, more->text + skip, more->bytes - skip);
    if (!error) strings->count += more->count - 1;
    return error;
}

void strings_free(struct strings *strings) {
    kfree(strings->text);
    *strings = (struct strings){0};
}
