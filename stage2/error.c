/*
 * error.c: the end of a boot that cannot go on. Real mode.
 */
#include "error.h"

#include "console.h"
#include "error_table.h"

static void print_details(const char *subject) {
    const char *before = " (";

    if (subject) {
        print("%s%s", before, subject);
        before = ", ";
    }
    for (int i = 0; i < 2 && error_details[i].name; i++) {
        print("%s%s %x", before, error_details[i].name, error_details[i].value);
        before = ", ";
    }
    if (before[0] == ',') print(")");
}

void boot_fail(enum boot_error error, const char *subject) {
    const struct error_text *text = error_text(error);

    print("\nE%c%c %s", '0' + error / 10, '0' + error % 10, text->message);
    print_details(subject);
    print("\n%s\n", text->remedy);
    for (;;) __asm__ volatile("sti; hlt");
}
