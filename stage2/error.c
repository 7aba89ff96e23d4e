/*
 * error.c: the end of a boot that cannot go on. Real mode.
 */
#include "error.h"

#include "bios.h"
#include "boot.h"
#include "console.h"
#include "error_table.h"
#include "keys.h"
#include "pm.h"

#define BIOS_BOOT_FAILED 0x18 /* the next boot device (BBS §6.7) */
#define BIOS_BOOTSTRAP 0x19

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
    console_handover();
    pm_switch(pm_report, 0);
    console_resume();
    print("Press a key to boot something else; Ctrl+Alt+Del restarts.\n");
    keys_drain();
    while (!key_next()) __asm__ volatile("sti; hlt"); /* up to the next tick, 18 times a second */
    struct bios_regs regs = {.ax = 0};
    bios_int(BIOS_BOOT_FAILED, &regs);
    bios_int(BIOS_BOOTSTRAP, &regs);
    for (;;) __asm__ volatile("sti; hlt");
}
