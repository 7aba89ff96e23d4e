/*
 * power.h: restarting the machine and switching it off.
 */
#ifndef DEV_POWER_H
#define DEV_POWER_H

/* Restarts the machine. */
void power_reboot(void) __attribute__((noreturn));

/* Switches an emulator off. A real PC needs ACPI for that: there it says so, and stops. */
void power_off(void) __attribute__((noreturn));

/* How a run of the self-tests ends. */
#define DEBUG_EXIT_PASS 0x10
#define DEBUG_EXIT_FAIL 0x11

/* Ends QEMU with exit status 2 * code + 1, where it has the isa-debug-exit device at port F4
 * (-device isa-debug-exit,iobase=0xf4,iosize=1). */
void power_debug_exit(unsigned char code);

#endif
