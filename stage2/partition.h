/*
 * partition.h: the partition that we boot from.
 */
#ifndef STAGE2_PARTITION_H
#define STAGE2_PARTITION_H

#include <ascent/errors.h>
#include <stdint.h>

extern uint32_t partition_sectors;

/*
 * Finds the one active partition in the MBR of the boot disk; notes its number and first sector in
 * boot_info and its length in partition_sectors. Returns BOOT_OK, E_NO_PARTITION, E_PARTITIONS_ACTIVE,
 * or an error of disk_read_twice().
 */
enum boot_error partition_find(void);

#endif
