/*
 * console.c: text on the screen, COM1 and port E9. Real mode: the screen is INT 10h, which knows
 * what the machine has for one.
 */
#include "console.h"

#include <ascent/layout.h>
#include <stdarg.h>
#include <stdbool.h>

#include "bios.h"
#include "boot.h"
#include "io.h"
#include "serial.h"

#define MODE_80X25_COLOUR 3
#define MODE_80X25_GREY 2
#define WHITE_ON_BLACK 7
#define COLUMNS 80
#define ROWS 25
#define ALL_MASKED 0xFF

static bool mirrored; /* the BIOS sends what it prints to COM1 too */
static bool to_screen = true, to_serial = true;
static uint8_t pic_masks;

static uint8_t video_mode(void) {
    struct bios_regs regs = {.ah = 0x0F};

    bios_int(0x10, &regs);
    return regs.al & 0x7F; /* bit 7: the screen was not cleared */
}

/* lab 1: begin */
static void put_on_screen(char c) {
    struct bios_regs regs = {.ah = 0x0E, .al = (uint8_t)c, .bx = WHITE_ON_BLACK};

    bios_int(0x10, &regs);
}
/* lab 1: end */

/*
 * Between these two, what the BIOS sends to COM1 comes back to us, and no interrupt takes that for
 * keys. SeaBIOS keeps the last character and the place of the cursor for the next timer tick, which
 * would bring them into the middle of a line of ours: a backspace makes it send them now.
 */
static void hush_begin(void) {
    pic_masks = inb(PIC1_MASK_PORT);
    outb(PIC1_MASK_PORT, ALL_MASKED);
    serial_loop_begin();
}

/* Has the BIOS sent anything? */
static bool hush_end(void) {
    put_on_screen(' ');
    put_on_screen('\b');
    bool sent = serial_loop_end();
    outb(PIC1_MASK_PORT, pic_masks);
    return sent;
}

/*
 * Some firmware has its console on COM1 (SeaBIOS without a display, servers) and would send there
 * once more what we send, with control sequences in between. Then only we do, at its speed.
 */
void console_init(void) {
    serial_init();
    hush_begin();
    mirrored = hush_end();
    if (mirrored) {
        workaround(WORKAROUND_CONSOLE_MIRRORED);
        serial_putc('\r'); /* the BIOS may have stopped in the middle of a line */
        serial_putc('\n');
    } else {
        serial_set_speed();
    }
    if (video_mode() == MODE_80X25_COLOUR || video_mode() == MODE_80X25_GREY) return;
    struct bios_regs regs = {.ah = 0x00, .al = MODE_80X25_COLOUR};
    bios_int(0x10, &regs);
}

void console_handover(void) {
    struct bios_regs regs = {.ah = 0x03};

    bios_int(0x10, &regs);
    boot_info.cursor_row = regs.dh < ROWS ? regs.dh : ROWS - 1;
    boot_info.cursor_column = regs.dl < COLUMNS ? regs.dl : 0;
    boot_info.video_mode = video_mode();
    boot_info.screen_columns = COLUMNS;
    boot_info.screen_rows = ROWS;
}

void console_resume(void) {
    struct bios_regs regs = {.ah = 0x02,
                             .dh = (uint8_t)boot_info.cursor_row,
                             .dl = (uint8_t)boot_info.cursor_column};

    bios_int(0x10, &regs);
}

static void put(char c) {
    if (c == '\n') put('\r');
    if (to_screen) put_on_screen(c);
    if (!to_serial) return;
    serial_putc(c);
    outb(DEBUG_PORT, (uint8_t)c);
}

/* lab 1: begin */
/* Digits of `value`, at least `width` of them. */
static void put_number(uint32_t value, uint32_t base, int width) {
    char digits[10];
    int count = 0;

    do {
        digits[count++] = "0123456789ABCDEF"[value % base];
        value /= base;
    } while (value || count < width);
    while (count) put(digits[--count]);
}
/* lab 1: end */

/* Text may come from the disk: a control character in it could erase an error, or forge a line for
 * those who read COM1. */
static void put_string(const char *text) {
    for (; *text; text++) {
        if (*text >= ' ' && *text < 0x7F) {
            put(*text);
        } else {
            put('\\');
            put('x');
            put_number((uint8_t)*text, 16, 2);
        }
    }
}

static void print_arguments(const char *format, va_list args) {
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        int width = 1;
        if (*++format == '0') {
            width = *++format - '0';
            format++;
        }
        switch (*format) {
        case 's': put_string(va_arg(args, const char *)); break;
        case 'c': put((char)va_arg(args, int)); break;
        case 'u': put_number(va_arg(args, uint32_t), 10, width); break;
        case 'x': put_number(va_arg(args, uint32_t), 16, width); break;
        case 'k': put_number(va_arg(args, uint32_t) / 1024, 10, width); break;
        default: put(*format); break;
        }
    }
}

void print(const char *format, ...) {
    va_list args;

    if (mirrored) {
        hush_begin();
        to_serial = false;
        va_start(args, format);
        print_arguments(format, args);
        va_end(args);
        to_serial = true;
        (void)hush_end();
    }
    to_screen = !mirrored;
    va_start(args, format);
    print_arguments(format, args);
    va_end(args);
    to_screen = true;
}
