/*
 * power.h: restarting the machine and switching it off.
 */
#ifndef DEV_POWER_H
#define DEV_POWER_H

/* Restarts the machine. */
void power_reboot(void) __attribute__((noreturn));

/* Switches an emulator off. A real PC needs ACPI for that: there it says so, and stops. */
void power_off(void) __attribute__((noreturn));

/* Ends QEMU with exit status 2 * code + 1, where it has the isa-debug-exit device at port F4. */
void power_debug_exit(unsigned char code);

#endif
