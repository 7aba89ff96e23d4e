/*
 * error.c: an error as text. 32-bit code, where there is room for the texts; called through
 * pm_switch(): it must not want A20.
 */
#include "error.h"

#include <stdbool.h>

#include "error_table.h"
#include "pm.h"
#include "print.h"

static void put_detail(bool *first) {
    pm_put_text(*first ? " (" : ", ");
    *first = false;
}

static void put_details(const char *subject) {
    bool first = true;

    if (subject) {
        put_detail(&first);
        pm_put_outside(subject);
    }
    for (int i = 0; i < 2 && error_details[i].name; i++) {
        put_detail(&first);
        pm_put_text(error_details[i].name);
        pm_put(' ');
        pm_put_number(error_details[i].value, 16, 1);
    }
    if (!first) pm_put(')');
}

void pm_error(void *argument) {
    const struct error_request *request = argument;
    const struct error_text *text = error_text(request->error);

    pm_put_text("\nE");
    pm_put_number(request->error, 10, 2);
    pm_put(' ');
    pm_put_text(text->message);
    put_details(request->subject);
    pm_put('\n');
    pm_put_text(text->remedy);
    pm_put('\n');
}
