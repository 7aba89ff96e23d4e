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

/*
 * What a terminal sends for a key without a character begins with ESC: `[`, numbers and a last byte
 * (ECMA-48 §5.4), or `O` and a last byte. None of these bytes is a key: that of F4 is an S, and
 * that of Delete a 3.
 */
static char key_of(char byte) {
    static enum { NOWHERE, BEHIND_ESCAPE, IN_NUMBERS, AT_LAST } place;
    bool starts = place == BEHIND_ESCAPE && (byte == '[' || byte == 'O');
    bool within = place == IN_NUMBERS || place == AT_LAST;

    if (byte == KEY_UP || byte == KEY_DOWN) return byte; /* the keyboard's, whatever COM1 is at */
    if (byte < ' ') { /* such as Enter */
        place = byte == ESCAPE ? BEHIND_ESCAPE : NOWHERE;
        return byte;
    }
    if (starts) place = byte == '[' ? IN_NUMBERS : AT_LAST;
    else if (place != IN_NUMBERS || byte >= '@') place = NOWHERE;
    if (!starts && !within) return byte;
    if (within && byte == 'A') return KEY_UP;
    if (within && byte == 'B') return KEY_DOWN;
    return KEY_OTHER;
}

static void take_key(struct menu_request *menu) {
    uint32_t count = config_choices.count;
    char key = key_of(menu->key);

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
