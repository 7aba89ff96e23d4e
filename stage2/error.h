/*
 * error.h: what went wrong, and the end of the boot.
 */
#ifndef STAGE2_ERROR_H
#define STAGE2_ERROR_H

#include <ascent/errors.h>
#include <stdint.h>

/*
 * What the error is about, for the message: up to two names with a number, such as ("LBA", 2100).
 * Filled in where the error arises, printed once where it is handled. A name of 0 is no detail.
 */
struct error_detail {
    const char *name;
    uint32_t value;
};
extern struct error_detail error_details[2];

/* Sets the details and returns `error`, so that a check reads `return error_at(E_..., ...)`. */
enum boot_error error_at(enum boot_error error, const char *name, uint32_t value);

/* What failed was mended: later errors are not about it. */
void error_forget(void);

/* Prints `error` with `subject` (a path, or 0), its details and its remedy. Real mode. */
void error_print(enum boot_error error, const char *subject);

/*
 * Prints the same and what machine this is, and
 * stops; a key then makes the BIOS boot something else. Real mode: interrupts stay on, so that
 * Ctrl+Alt+Del still restarts the machine.
 */
void __attribute__((noreturn)) boot_fail(enum boot_error error, const char *subject);

#endif
