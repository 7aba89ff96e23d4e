/*
 * fail.c: an error after the last BIOS call. Protected mode, no interrupts, no BIOS to boot anything
 * else: a key at the keyboard controller or a byte on COM1 restarts the machine.
 */
#include <ascent/io.h>
#include <ascent/uart.h>

#include "boot.h"
#include "error.h"
#include "page_tables.h"
#include "pm.h"
#include "print.h"

#define KBC_DATA 0x60
#define KBC_STATUS 0x64
#define KBC_COMMAND 0x64
#define KBC_OUTPUT_FULL 0x01
#define KBC_KEY_RELEASED 0x80
#define KBC_RESET_PROCESSOR 0xFE
#define POLLS_A_SECOND 300000 /* of three port accesses each, about a microsecond each */

/* Was a key pressed, or did a byte come? What is released or repeated at once does not count. */
static bool key_pressed(void) {
    uint16_t port = (uint16_t)boot_info.serial_port;

    io_delay();
    if ((boot_info.flags & BOOT_HAS_SERIAL) && (inb(port + UART_STATUS) & STATUS_DATA)) {
        (void)inb(port + UART_DATA);
        return true;
    }
    uint8_t status = inb(KBC_STATUS);
    return status != STATUS_ABSENT && (status & KBC_OUTPUT_FULL) &&
           !(inb(KBC_DATA) & KBC_KEY_RELEASED);
}

static void __attribute__((noreturn)) restart_by_key(void) {
    pm_put_text("Press a key to restart.\n");
    for (uint32_t i = 0; i < POLLS_A_SECOND; i++) (void)key_pressed();
    while (!key_pressed()) {}
    for (;;) outb(KBC_COMMAND, KBC_RESET_PROCESSOR);
}

void pm_fail(enum boot_error error, const char *name, uint32_t value) {
    struct error_request request = {error_at(error, name, value), 0};

    pm_error(&request);
    pm_report(0);
    restart_by_key();
}
