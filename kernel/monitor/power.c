/*
 * power.c: the commands reboot and poweroff.
 */
#include <dev/power.h>
#include <monitor/commands.h>

bool command_reboot(int argc, char **argv) {
    (void)argc, (void)argv;
    power_reboot();
    return true;
}

bool command_poweroff(int argc, char **argv) {
    (void)argc, (void)argv;
    power_off();
    return true;
}
