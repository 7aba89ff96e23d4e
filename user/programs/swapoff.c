/*
 * swapoff.c: swap partitions go out of use. All their pages come back into memory first; if there
 * is no room for them the answer is ENOMEM, and the partition stays in use.
 *
 *   swapoff device...
 */
#include "lib.h"

int main(int argc, char **argv) {
    int failed = 0;
    if (argc < 2) {
        complain("swapoff: which device? swapon says what is in use\n");
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        int32_t error = swapoff(argv[i]);
        if (!error) continue;
        complain("swapoff: %s: %s\n", argv[i], error_name(error));
        failed = 1;
    }
    return failed;
}
