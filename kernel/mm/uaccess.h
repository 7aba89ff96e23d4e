/*
 * uaccess.h: the only way from the kernel to the memory of a program. Any address may be given: a
 * page that is not there yet is brought in (mm/fault.c), and one that is not the program's ends in
 * -EFAULT. Opens and closes SMAP's gate (SDM 3A §4.6).
 *
 * They may block, so not in interrupt handlers. They are about the space that is loaded.
 */
#ifndef MM_UACCESS_H
#define MM_UACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does the range lie in the user half in whole? Says nothing of what is mapped there. */
bool access_ok(uint32_t user, size_t bytes);

/* How many bytes could not be copied: 0 if all could. */
size_t copy_from_user_left(void *to, uint32_t user, size_t bytes);
size_t copy_to_user_left(uint32_t user, const void *from, size_t bytes);
size_t clear_user_left(uint32_t user, size_t bytes); /* fills with zeros */

/* 0, or -EFAULT: then some of the bytes may have been copied. */
int copy_from_user(void *to, uint32_t user, size_t bytes);
int copy_to_user(uint32_t user, const void *from, size_t bytes);

/*
 * Copies a string with its NUL, `size` bytes at most. Its length without the NUL; -EFAULT, or
 * -ENAMETOOLONG if there is no NUL in the first `size` bytes.
 */
int strncpy_from_user(char *to, uint32_t user, size_t size);

static inline int get_user(uint32_t *value, uint32_t user) {
    return copy_from_user(value, user, sizeof *value);
}

static inline int put_user(uint32_t user, uint32_t value) {
    return copy_to_user(user, &value, sizeof value);
}

#endif
