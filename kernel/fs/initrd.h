/*
 * initrd.h: the file that the loader brought, where it lies in memory; it gets smaller as it is read.
 */
#ifndef FS_INITRD_H
#define FS_INITRD_H

#include <stdbool.h>
#include <stdint.h>

/* Unpacks the initrd into the root file system, and gives all of its frames back. */
void initrd_unpack(void);

/* Copies bytes of it, which lie inside. False: this memory cannot be reached. */
bool initrd_read(uint32_t offset, void *to, uint32_t bytes);

/* What lies before `offset` will not be read again: its frames are free now. */
void initrd_release(uint32_t offset);

#endif
