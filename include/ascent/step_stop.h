/*
 * step_stop.h: the machine stops at a step until a key is pressed. Header only: it is compiled for
 * real mode, for the loader's protected mode and for the kernel, which each supply
 *   step_show           draws the screen of a step, what will come of B, or nothing (step_screen.h)
 *   step_key            the next key as a character, or 0 if there is none
 *   step_break          breaks the step on purpose
 * The lines that programs read are in docs/reference/step-protocol.md.
 */
#ifndef ASCENT_STEP_STOP_H
#define ASCENT_STEP_STOP_H

#include <ascent/boot_info.h>
#include <ascent/io.h>
#include <ascent/layout.h>
#include <ascent/step_text.h>
#include <ascent/step_wait.h>
#include <ascent/timer_counts.h>
#include <ascent/uart.h>
#include <stdbool.h>

static void step_show(enum step_view view, const struct boot_step *before,
                      const struct boot_step *now);
static char step_key(enum step_id id);
static void step_break(enum step_id id);

#define KBC_DATA_PORT 0x60
#define KBC_STATUS_PORT 0x64
#define KBC_STATUS_FULL 0x01
#define KBC_STATUS_MOUSE 0x20

/* A byte that waits on COM1, or 0. */
static char step_serial_key(void) {
    uint16_t port = (uint16_t)boot_info.serial_port;

    if (!(boot_info.flags & BOOT_HAS_SERIAL) || !(inb(port + UART_STATUS) & STATUS_DATA)) return 0;
    boot_info.step_mode |= STEP_MODE_BIOS_KEY | STEP_MODE_KEY;
    return (char)inb(port + UART_DATA);
}

/* The keyboard controller asked directly: there is no BIOS and no interrupt. Scan code set 1. */
static char step_polled_key(void) {
    uint8_t status = inb(KBC_STATUS_PORT);

    if (status == 0xFF || !(status & KBC_STATUS_FULL)) return step_serial_key();
    uint8_t code = inb(KBC_DATA_PORT);
    if (status & KBC_STATUS_MOUSE) return 0;
    boot_info.step_mode |= STEP_MODE_KEY;
    switch (code) {
    case 0x39:
    case 0x1C: return ' ';
    case 0x13: return 'r';
    case 0x30: return 'b';
    default: return 0; /* other keys, and every release */
    }
}

/* The key that was pressed; 'r' when nobody has pressed any for too long. */
static char step_wait(enum step_id id) {
    uint32_t counts = 0, seconds;

    timer_counts();
    do {
        char key = step_key(id);
        if (key == '\r' || key == '\n') key = ' ';
        if (key) return key >= 'A' && key <= 'Z' ? (char)(key + 'a' - 'A') : key;
        counts += timer_counts();
        seconds = step_wait_seconds(id, boot_info.step_mode);
    } while (!seconds || counts < seconds * TIMER_HZ);
    return 'r';
}

static void step_wait_for_break(const struct boot_step *before, const struct boot_step *now) {
    step_show(STEP_VIEW_OUTCOME, before, now);
    while (step_wait(now->id) != ' ') {}
}

/* Shows the step, waits for a key, and does what it says. */
static void step_stop_at(const struct boot_step *before, const struct boot_step *now) {
    bool can_break = step_can_break(now->id);
    char key;

    step_show(STEP_VIEW_STEP, before, now);
    do key = step_wait(now->id);
    while (key != ' ' && key != 'r' && !(key == 'b' && can_break));

    if (key == 'b') step_wait_for_break(before, now);
    if (key == 'r') boot_info.step_mode = 0;
    step_show(STEP_VIEW_NOTHING, before, now);
    if (key == 'b') step_break(now->id);
}

#endif
