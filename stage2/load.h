/*
 * load.h: the kernel and the initrd, from the disk to where they belong.
 */
#ifndef STAGE2_LOAD_H
#define STAGE2_LOAD_H

#include <ascent/errors.h>

/*
 * Checks the ELF file at `path`, puts every PT_LOAD segment at its p_paddr, clears what p_memsz
 * has beyond p_filesz, and loads the symbols if the kernel's note asks for them. Fills in the
 * kernel_... and symtab_... fields of boot_info. A file whose checksum is wrong, or whose headers are
 * not what they were when they were judged, is read again, three times at most. Returns BOOT_OK, or
 * an error of fat.h, elf.h or disk.h, E_NOTE_FLAGS, E_KERNEL_NO_CRC, E_NO_ROOM_SYMBOLS or
 * E_KERNEL_CRC.
 */
enum boot_error load_kernel(const char *path);

/*
 * Puts the file at `path` behind everything that is loaded so far. Fills in initrd_... of
 * boot_info. Returns BOOT_OK, an error of fat.h or disk.h, E_NO_ROOM_INITRD or E_INITRD_CRC.
 */
enum boot_error load_initrd(const char *path);

/* Puts back what the others have filled in or read, for another kernel: what is loaded is given up. */
void load_forget(void);

#endif
