/*
 * poweroff.c: switches the machine off (reboot(2)).
 */
#include "lib.h"

int main(int argc, char **argv) {
    (void)argc;
    int32_t error =
        syscall(NR_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, REBOOT_POWER_OFF, 0);
    complain("%s: %s\n", argv[0], error_name(error));
    return 1;
}
