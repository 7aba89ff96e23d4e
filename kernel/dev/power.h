/*
 * power.h: restarting the machine and switching it off.
 */
#ifndef DEV_POWER_H
#define DEV_POWER_H

/* Restarts the machine. */
void power_reboot(void) __attribute__((noreturn));

/* Switches the machine off: by ACPI, else by the ports that QEMU and Bochs have for it. Says which it
 * uses; where none works, it says so and stops. The firmware's own preparations (_PTS) are left out. */
void power_off(void) __attribute__((noreturn));

#endif
