/*
 * load.h: the kernel and the initrd, from the disk to where they belong.
 */
#ifndef STAGE2_LOAD_H
#define STAGE2_LOAD_H

#include <ascent/errors.h>

#include "config.h"

/*
 * Finds out what the file at `path` is (kernel_kind.h), checks it by the rules of its kind, and puts it
 * where it belongs: of an ELF file every PT_LOAD segment at its p_paddr, with what p_memsz has beyond
 * p_filesz cleared, and the symbols if the kernel's note asks for them. Fills in kernel_kind, and the
 * kernel_... and symtab_... fields of boot_info. A file whose checksum is wrong, or whose headers are
 * not what they were when they were judged, is read again, three times at most. If the file is in
 * LZ4's frame format, all of this is said of what it unpacks to; the checksum is that of the file.
 * Returns BOOT_OK, or an error of fat.h, load_elf.h, linux.h, unpack.h or disk.h, or E_KERNEL_CRC.
 */
enum boot_error load_kernel(const char *path);

/*
 * Puts the file at `path` behind everything that is loaded so far; for Linux, as high as it takes it.
 * Fills in initrd_... of boot_info. Returns BOOT_OK, an error of fat.h or disk.h, E_NO_ROOM_INITRD or
 * E_INITRD_CRC.
 */
enum boot_error load_initrd(const char *path);

/*
 * The same for module `index` of `config`, after load_initrd(): to loaded_modules[index]. There is no
 * checksum. Returns as load_initrd(), or E_MODULE_KIND if the kernel is none that takes modules.
 */
enum boot_error load_module(uint32_t index);

struct loaded_file {
    uint32_t phys, bytes;
};
extern struct loaded_file loaded_modules[CONFIG_MODULES_MAX];

/* Puts back what the others have filled in or read, for another kernel: what is loaded is given up. */
void load_forget(void);

#endif
