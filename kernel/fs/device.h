/*
 * device.h: devices: which there are, and the nodes of /dev.
 */
#ifndef FS_DEVICE_H
#define FS_DEVICE_H

#include <fs/vfs.h>

/* Numbers as in Linux's Documentation/admin-guide/devices.txt: major << 8 | minor. */
#define DEVICE_NULL 0x103u
#define DEVICE_ZERO 0x105u
#define DEVICE_FULL 0x107u
#define DEVICE_RANDOM 0x108u
#define DEVICE_URANDOM 0x109u
#define DEVICE_TTY 0x500u     /* the controlling terminal of who asks */
#define DEVICE_CONSOLE 0x501u

/* The operations of a character device, or a null pointer. */
const struct file_operations *device_operations(uint32_t rdev);

/* Makes the nodes in a directory, which becomes /dev. */
int devices_make(struct dentry *dir);

/* Block devices: block/file.c. The bytes of one that is open. */
extern const struct file_operations block_file;
uint64_t block_file_size(const struct file *file);
int block_file_sync(const struct file *file); /* 0 or -EIO */

extern const struct file_operations null_device, zero_device, full_device, random_device;
extern const struct file_operations console_device, tty_device; /* dev/tty.c */

#endif
