/*
 * partition.h: the partition table in the first sector of a disk (UEFI 2.10 §5.2.1 draws it).
 *
 *   1BE  status (80h: active), CHS of the first sector, type, CHS of the last one,
 *        first sector (32 bits), sectors (32 bits)                      four entries of 16 bytes
 *   1FE  55 AA
 */
#ifndef BLOCK_PARTITION_H
#define BLOCK_PARTITION_H

#include <block/block.h>

struct partition {
    uint8_t type; /* 0: the entry is not in use */
    uint32_t first, sectors;
    const char *refused; /* why it is not to be used, for people; a null pointer: it may be */
};

/*
 * Reads the table of a disk with so many sectors. An entry is refused that has no sectors, begins with
 * the table itself, ends beyond the disk, or shares a sector with another: then both, for nobody knows
 * whose it is. False: there is no table; `table` is empty then.
 */
bool partition_table_read(const uint8_t *sector, uint64_t disk_sectors,
                          struct partition table[BLOCK_PARTITIONS]);

#endif
