/*
 * menu.c: the list of choices on the screen and COM1, and what keys do to it. 32-bit code, called
 * through pm_switch(): it must not want A20.
 *
 * The list is printed once. Below it one line says what Enter would start; only that line is written
 * again, behind a carriage return, so that any terminal can show it.
 */
#include <stdbool.h>

#include "boot.h"
#include "config.h"
#include "keys.h"
#include "pm.h"
#include "print.h"

#define ESCAPE '\x1B'
#define LINE_WIDTH 64 /* the longest name and time fit; less than the screen's 80 */

static uint32_t seconds(uint32_t ticks) {
    return (ticks * 10 + 181) / 182;
}

static void show_line(const struct menu_request *menu) {
    pm_put_text("\rstart: ");
    pm_put_number(menu->marked + 1, 10, 1);
    pm_put(' ');
    pm_put_text(config_choices.names[menu->marked]);
    if (menu->ticks_left) {
        pm_put_text(" in ");
        pm_put_number(seconds(menu->ticks_left), 10, 1);
        pm_put_text(" s");
    }
    while (boot_info.cursor_column < LINE_WIDTH) pm_put(' ');
}

void pm_menu_show(void *argument) {
    pm_put('\n');
    for (uint32_t i = 0; i < config_choices.count; i++) {
        pm_put_text("  ");
        pm_put_number(i + 1, 10, 1);
        pm_put_text("  ");
        pm_put_text(config_choices.names[i]);
        pm_put('\n');
    }
    pm_put_text("A digit or an arrow chooses; Enter starts it, S with a stop at each step.\n");
    show_line(argument);
}

/* What a terminal sends for an arrow, in three bytes (ECMA-48 §8.3.22 CUU, CUD): the last of them. */
static char arrow_of(char key) {
    static char before[2];
    bool arrow = before[0] == ESCAPE && (before[1] == '[' || before[1] == 'O');

    before[0] = before[1];
    before[1] = key;
    if (arrow && key == 'A') return KEY_UP;
    if (arrow && key == 'B') return KEY_DOWN;
    return key;
}

static void take_key(struct menu_request *menu) {
    uint32_t count = config_choices.count;
    char key = arrow_of(menu->key);

    if (key >= '1' && key < (char)('1' + count)) menu->marked = (uint32_t)(key - '1');
    if (key == KEY_UP) menu->marked = (menu->marked + count - 1) % count;
    if (key == KEY_DOWN) menu->marked = (menu->marked + 1) % count;
    menu->with_steps = key == 's' || key == 'S';
    menu->taken = menu->with_steps || key == '\r' || key == '\n';
    menu->ticks_left = 0;
}

void pm_menu(void *argument) {
    struct menu_request *menu = argument;
    uint32_t before = menu->ticks_left;

    if (menu->key) {
        take_key(menu);
    } else {
        if (!before) return;
        menu->taken = !--menu->ticks_left;
        if (seconds(menu->ticks_left) == seconds(before)) return;
    }
    show_line(menu);
    if (menu->taken) pm_put('\n');
}
