/*
 * cpio.h: unpacks an initrd: archives of cpio's newc format, one after the other.
 *
 * An entry (Linux: Documentation/driver-api/early-userspace/buffer-format.rst):
 *
 *   "070701"  13 numbers of 8 hexadecimal digits  name, NUL   0 to 3    contents   0 to 3
 *    magic    ino mode uid gid nlink mtime size                zeros               zeros
 *             maj min rmaj rmin namesize check
 *
 * The last entry of an archive is named TRAILER!!!. "070702" is the same with a sum of the contents
 * in `check`. Between archives may be zeros.
 */
#ifndef FS_CPIO_H
#define FS_CPIO_H

#include <stdint.h>

/*
 * Unpacks `bytes` into the root file system. What is wrong is named on the console; the rest of that
 * archive is left out, what was unpacked stays. Answers how many entries there are now.
 */
uint32_t cpio_unpack(uint32_t bytes);

#endif
