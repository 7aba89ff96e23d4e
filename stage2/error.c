/*
 * error.c: the end of a boot that cannot go on. Real mode.
 */
#include "error.h"

#include "bios.h"
#include "boot.h"
#include "clock.h"
#include "console.h"
#include "keys.h"
#include "pm.h"

#define BIOS_BOOT_FAILED 0x18 /* the next boot device (BBS §6.7) */
#define BIOS_BOOTSTRAP 0x19

void error_print(enum boot_error error, const char *subject) {
    struct error_request request = {error, subject};

    console_handover();
    pm_switch(pm_error, &request);
    console_resume();
}

void boot_fail(enum boot_error error, const char *subject) {
    error_print(error, subject);
    console_handover();
    pm_switch(pm_report, 0);
    console_resume();
    print("Press a key to boot something else; Ctrl+Alt+Del restarts.\n");
    keys_drain();
    clock_start();
    while (!key_next())
        if (!clock_tick()) clock_sleep();
    struct bios_regs regs = {.ax = 0};
    bios_int(BIOS_BOOT_FAILED, &regs);
    bios_int(BIOS_BOOTSTRAP, &regs);
    for (;;) __asm__ volatile("sti; hlt");
}
