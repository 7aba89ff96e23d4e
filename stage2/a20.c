/*
 * a20.c: address line 20. Real mode.
 *
 * A PC holds A20 at 0 until told otherwise, so that addresses wrap at 1 MB as on the 8086. Three
 * ways to release it, none of them on every machine: the BIOS, the keyboard controller, port 92h.
 */
#include "a20.h"

#include <stdbool.h>
#include <stdint.h>

#include "bios.h"
#include "boot.h"
#include "io.h"

#define KBC_DATA 0x60
#define KBC_STATUS 0x64
#define KBC_COMMAND 0x64
#define KBC_OUTPUT_FULL 0x01
#define KBC_INPUT_FULL 0x02
#define KBC_WRITE_OUTPUT_PORT 0xD1
#define KBC_A20_ON 0xDF
#define KBC_A20_OFF 0xDD
#define KBC_NULL_COMMAND 0xFF
#define KBC_TRIES 20000 /* about 20 ms; a machine without an 8042 must not hang here */

#define PORT_92 0x92
#define PORT_92_RESET 0x01 /* restarts the machine at once */
#define PORT_92_A20 0x02

#define TEST_ADDRESS 0x0500 /* free: behind the BIOS data area */
#define TESTS_SHORT 32
#define TESTS_LONG 65536 /* some methods need a while to act (Linux arch/x86/boot/a20.c) */

/* Is the dword at 0000:0500 another one than that at FFFF:0510, which is 1 MB higher? */
static bool a20_works_within(uint32_t tests) {
    volatile uint32_t *low = (volatile uint32_t *)TEST_ADDRESS;
    uint32_t saved = *low;
    bool works = false;

    set_fs(0xFFFF);
    for (uint32_t i = 0; i < tests && !works; i++) {
        *low = saved + 1 + i;
        io_delay();
        works = read_fs32(TEST_ADDRESS + 0x10) != *low;
    }
    *low = saved;
    set_fs(0);
    return works;
}

static void a20_bios(void) {
    struct bios_regs regs = {.ax = 0x2401};

    bios_int(0x15, &regs); /* whatever it says, the test decides */
}

/* Waits until the controller takes a byte. False after KBC_TRIES, or where there is none. */
static bool kbc_ready(void) {
    for (int i = 0; i < KBC_TRIES; i++) {
        uint8_t status = inb(KBC_STATUS);
        if (status == 0xFF) return false;
        if (status & KBC_OUTPUT_FULL)
            (void)inb(KBC_DATA);
        else if (!(status & KBC_INPUT_FULL))
            return true;
        io_delay();
    }
    return false;
}

static void a20_keyboard(uint8_t output_port) {
    if (!kbc_ready()) return;
    outb(KBC_COMMAND, KBC_WRITE_OUTPUT_PORT);
    if (!kbc_ready()) return;
    outb(KBC_DATA, output_port);
    if (!kbc_ready()) return;
    outb(KBC_COMMAND, KBC_NULL_COMMAND); /* UHCI's keyboard emulation waits for one */
    kbc_ready();
}

static void a20_port_92(void) {
    outb(PORT_92, (uint8_t)((inb(PORT_92) | PORT_92_A20) & ~PORT_92_RESET));
}

static bool works_after(enum a20_method method, uint32_t tests) {
    boot_info.a20_method = method;
    return a20_works_within(tests);
}

enum boot_error a20_enable(void) {
    if (works_after(A20_WAS_ON, TESTS_SHORT)) return BOOT_OK;
    a20_bios();
    if (works_after(A20_BIOS, TESTS_SHORT)) return BOOT_OK;
    a20_keyboard(KBC_A20_ON);
    if (works_after(A20_KEYBOARD, TESTS_LONG)) return BOOT_OK;
    a20_port_92();
    if (works_after(A20_PORT_92, TESTS_LONG)) return BOOT_OK;
    boot_info.a20_method = 0;
    return E_A20;
}

enum boot_error a20_keep(void) {
    set_fs(0xFFFF);
    bool differ = read_fs32(TEST_ADDRESS + 0x10) != *(volatile uint32_t *)TEST_ADDRESS;
    set_fs(0);
    if (differ || a20_works()) return BOOT_OK;
    workaround(WORKAROUND_A20_LOST);
    return a20_enable();
}

bool a20_works(void) {
    return a20_works_within(TESTS_SHORT);
}

void a20_disable(void) {
    a20_keyboard(KBC_A20_OFF);
    outb(PORT_92, (uint8_t)(inb(PORT_92) & ~(PORT_92_A20 | PORT_92_RESET)));
}
