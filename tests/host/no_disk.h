/*
 * no_disk.h: for tests that link the FAT reader and do not use it.
 */
#ifndef NO_DISK_H
#define NO_DISK_H

#include "disk.h"

enum boot_error disk_read_twice(uint32_t lba, uint32_t sectors, void *buffer) {
    (void)lba, (void)sectors, (void)buffer;
    return E_DISK_READ;
}

#endif
