/*
 * error_detail.c: the details of an error, filled in where it arises.
 */
#include "error.h"

enum boot_error error_at(enum boot_error error, const char *name, uint32_t value) {
    error_details[0] = (struct error_detail){name, value};
    error_details[1] = (struct error_detail){0, 0};
    return error;
}

void error_forget(void) {
    error_details[0].name = 0;
}
