/*
 * menu.c: keys and time for the list of choices. Real mode, where the BIOS has both; what they do to
 * the list is for 32-bit code (pm/menu.c).
 */
#include "menu.h"

#include <ascent/layout.h>
#include <ascent/timer_counts.h>

#include "config.h"
#include "console.h"
#include "io.h"
#include "keys.h"
#include "pm.h"

#define BDA_TICKS 0x46C /* word: counts up 18.2 times a second (IBM PC AT) */
#define IRQ_TIMER 0x01

/*
 * Is the timer's interrupt off? Then the BIOS's clock stands still, and nothing may ever end a
 * HLT: COM1 has no interrupts.
 */
static bool clock_stands(void) {
    return inb(PIC1_MASK_PORT) & IRQ_TIMER;
}

static bool tick_counted(void) {
    static uint32_t counts;

    counts += timer_counts();
    if (counts < TIMER_TICK) return false;
    counts -= TIMER_TICK;
    return true;
}

/* Has the time gone on since the last call? */
static bool tick_passed(void) {
    static uint16_t last;
    uint16_t now = *(volatile const uint16_t *)BDA_TICKS;
    bool passed = clock_stands() ? tick_counted() : now != last;

    last = now;
    return passed;
}

bool menu_choose(uint32_t seconds) {
    struct menu_request menu = {.ticks_left = MENU_TICKS(seconds), .marked = config_choices.chosen};

    console_handover();
    pm_switch(pm_menu_show, &menu);
    while (!menu.taken) {
        menu.key = key_next();
        if (menu.key || tick_passed()) pm_switch(pm_menu, &menu);
        else if (!clock_stands()) __asm__ volatile("sti; hlt"); /* up to the next tick */
    }
    console_resume();
    config_choose(menu.marked);
    return menu.with_steps;
}
