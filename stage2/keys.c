/*
 * keys.c: what somebody types: keys of the BIOS, and bytes on COM1. Real mode.
 */
#include "keys.h"

#include <ascent/io.h>
#include <ascent/uart.h>
#include <stdbool.h>

#include "bios.h"
#include "boot.h"
#include "serial.h"

#define NOTHING_DONE 0x01FF /* AH = 01h: is there a key? None has this scan code and character */
#define BIOS_KEY_TAKE 0x00  /* INT 16h, AH */
#define EFLAGS_ZF 0x40
#define KBC_DATA 0x60
#define KBC_STATUS 0x64
#define KBC_OUTPUT_FULL 0x01
#define KBC_KEY_RELEASED 0x80
#define BDA_KEYS_HEAD 0x41A /* word, and the tail behind it: the same if there is no key (IBM PC AT) */
#define SCAN_UP 0x48
#define SCAN_DOWN 0x50
#define GREY_KEY 0xE0 /* in place of 0 as the character of an arrow, of some BIOSes */
#define KEYS_WAITING_MAX 64 /* the BIOS keeps 15, a 16550 has 16 */

/*
 * Will the keyboard answer when the BIOS is gone? It will, if this key came from the keyboard
 * controller, which still holds its last byte; SeaBIOS has the keys of a USB keyboard from elsewhere.
 * If it came from COM1 by way of the BIOS, it will there.
 */
static bool comes_without_bios(uint8_t scan_code) {
    if (boot_info.workarounds >> WORKAROUND_CONSOLE_MIRRORED & 1) return true;
    return !(inb(KBC_STATUS) & KBC_OUTPUT_FULL) &&
           (inb(KBC_DATA) & ~KBC_KEY_RELEASED) == scan_code;
}

/* A BIOS that has no key to give waits for one, for ever: its word alone is not enough. */
static bool key_in_buffer(void) {
    volatile const uint16_t *head = (volatile const uint16_t *)BDA_KEYS_HEAD;

    return head[0] != head[1];
}

/* Letters of other languages have the numbers that we have given to the arrows. */
static char ascii(uint8_t character) {
    return character && character < 0x80 ? (char)character : KEY_OTHER;
}

static char character_of(uint8_t scan_code, uint8_t character) {
    bool none = !character || character == GREY_KEY;

    if (none && scan_code == SCAN_UP) return KEY_UP;
    if (none && scan_code == SCAN_DOWN) return KEY_DOWN;
    return ascii(character);
}

static char bios_key(void) {
    struct bios_regs regs = {.ax = NOTHING_DONE};

    bios_int(0x16, &regs);
    if ((regs.eflags & EFLAGS_ZF) || regs.ax == NOTHING_DONE || !key_in_buffer()) return 0;
    regs.ah = BIOS_KEY_TAKE;
    bios_int(0x16, &regs);
    boot_info.step_mode |= STEP_MODE_BIOS_KEY;
    if (comes_without_bios(regs.ah)) boot_info.step_mode |= STEP_MODE_KEY;
    return character_of(regs.ah, regs.al);
}

static char serial_key(void) {
    uint16_t port = (uint16_t)boot_info.serial_port;
    char key = serial_typed_early;

    serial_typed_early = 0;
    if (!key) {
        if (!(boot_info.flags & BOOT_HAS_SERIAL) || !(inb(port + UART_STATUS) & STATUS_DATA))
            return 0;
        key = (char)inb(port + UART_DATA);
    }
    boot_info.step_mode |= STEP_MODE_BIOS_KEY | STEP_MODE_KEY;
    return ascii((uint8_t)key);
}

/* COM1 first: a BIOS may have a key for ever. */
char key_next(void) {
    char key = serial_key();

    return key ? key : bios_key();
}

uint32_t keys_drain(void) {
    uint32_t typed = 0;

    for (int i = 0; i < KEYS_WAITING_MAX; i++) {
        char key = key_next();
        if (!key) break;
        if ((key | 0x20) == 's') typed |= TYPED_STEPS;
        if ((key | 0x20) == 'm' || key == '\t' || key == KEY_UP || key == KEY_DOWN)
            typed |= TYPED_LIST;
    }
    return typed;
}
