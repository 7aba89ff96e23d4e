/*
 * strings.h: argv and envp: strings one behind another, each with its NUL.
 */
#ifndef PROC_STRINGS_H
#define PROC_STRINGS_H

#include <stdint.h>

struct strings {
    char *text; /* of kmalloc() */
    uint32_t bytes, room;
    uint32_t count;
};

#define STRING_MAX 0x20000u         /* of one, with its NUL: Linux's MAX_ARG_STRLEN */
#define STRINGS_MAX_BYTES 0x200000u /* of all: a quarter of a stack of 8 MB */

/* Adds a string of the kernel's; one at a user address; all of an array of user addresses that ends
 * with 0 (address 0: no array). 0, -E2BIG, -ENOMEM, -EFAULT. */
int strings_add(struct strings *strings, const char *text);
int strings_add_user(struct strings *strings, uint32_t user);
int strings_add_user_array(struct strings *strings, uint32_t user);

/* Adds all of `more` but its first. */
int strings_add_rest(struct strings *strings, const struct strings *more);

void strings_free(struct strings *strings);

#endif
