/*
 * fat_name.h: names on a FAT volume: the short one in a file's entry, and the long one in the entries
 * before it (VFAT; FAT specification, "FAT Long File Names"), as UTF-8. Hardware-free.
 *
 * "Ascent's notes.txt" lies on the disk like this; the last part is first, and says 40h:
 *
 *   ordinal  5 characters  attributes 0Fh  checksum  6 characters  2 characters
 *   42h      es.tx         0F              sum       t FFFF...     FFFF FFFF
 *   01h      Ascen         0F              sum       t's no        t
 *   ASCENT~1TXT            20              the file's entry, whose name has this checksum
 */
#ifndef FS_FAT_NAME_H
#define FS_FAT_NAME_H

#include <ascent/fat.h>

#define FAT_LONG_ATTRIBUTES 0x0F
#define FAT_LONG_PARTS 20 /* of 13 characters each */
#define FAT_LONG_PART 13
#define FAT_NAME_BYTES 256 /* with a NUL */

/* The parts of a long name that were seen since the last file. */
struct fat_long_name {
    uint8_t parts; /* in all; 0: there is none, or what was seen does not fit together */
    uint8_t left;  /* still to come */
    uint8_t checksum;
    uint16_t units[FAT_LONG_PARTS * FAT_LONG_PART]; /* UTF-16 */
};

/* An entry of a long name, the next one before a file's. */
void fat_long_part(struct fat_long_name *name, const struct fat_directory_entry *entry);

/* The long name as UTF-8 with a NUL: its length; 0: there is none that belongs to this entry, or it is
 * none that a path can have or that has more than 255 bytes. */
uint32_t fat_long_name(const struct fat_long_name *name, const struct fat_directory_entry *entry,
                       char out[FAT_NAME_BYTES]);

/* The short name; 0: none that a path can have. */
uint32_t fat_short_name(const struct fat_directory_entry *entry, char out[FAT_NAME_BYTES]);

/* Is it the entry . or ..? */
bool fat_is_dots(const struct fat_directory_entry *entry);

/* Are they the same but for the case of A to Z? */
bool fat_same_name(const char *name, uint32_t length, const char *other, uint32_t other_length);

#endif
