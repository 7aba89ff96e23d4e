/*
 * menu.c: keys and time for the list of choices. Real mode, where the BIOS has both; what they do to
 * the list is for 32-bit code (pm/menu.c).
 */
#include "menu.h"

#include "clock.h"
#include "config.h"
#include "console.h"
#include "keys.h"
#include "pm.h"

bool menu_choose(uint32_t seconds) {
    struct menu_request menu = {.ticks_left = MENU_TICKS(seconds), .marked = config_choices.chosen};

    console_handover();
    pm_switch(pm_menu_show, &menu);
    clock_start();
    while (!menu.taken) {
        menu.key = key_next();
        if (menu.key || clock_tick()) pm_switch(pm_menu, &menu);
        else clock_sleep();
    }
    console_resume();
    config_choose(menu.marked);
    return menu.with_steps;
}
