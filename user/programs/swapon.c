/*
 * swapon.c: swap partitions come into use, or say which are.
 *
 *   swapon [device]...    such as /dev/boot2; without one: what is in use
 *
 * The kernel checks the partition's header first. Why it refuses one is in its log, on the console.
 */
#include "lib.h"

static int show(void) {
    static char text[1024];
    int32_t length = read_file("/proc/swaps", text, sizeof text);
    if (length < 0) {
        complain("swapon: /proc/swaps: %s\n", error_name(length));
        return 1;
    }
    write_all(1, text, (size_t)length);
    return 0;
}

int main(int argc, char **argv) {
    int failed = 0;
    if (argc < 2) return show();
    for (int i = 1; i < argc; i++) {
        int32_t error = swapon(argv[i]);
        if (!error) continue;
        complain("swapon: %s: %s\n", argv[i], error_name(error));
        failed = 1;
    }
    return failed;
}
