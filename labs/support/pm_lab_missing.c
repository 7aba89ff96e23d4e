/*
 * pm_lab_missing.c: the end of a boot that lacks the part of a lab. Protected mode, flat segments, no
 * paging; contract in lab_missing.h.
 */
#include "../lab_missing.h"
#include "print.h"

void pm_lab_missing(const char *text) {
    __asm__ volatile("cli");
    pm_put('\n');
    pm_put_text(text);
    pm_put('\n');
    for (;;) __asm__ volatile("cli; hlt");
}
