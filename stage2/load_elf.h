/*
 * load_elf.h: where an ELF file goes.
 */
#ifndef STAGE2_LOAD_ELF_H
#define STAGE2_LOAD_ELF_H

#include <ascent/errors.h>

#include "fat.h"

/*
 * Reads what is to be judged of the file, judges it by the rules of kernel_kind (a note of ours
 * makes it KERNEL_ASCENT), makes room, and says what is wanted when it passes by (passing.h). Fills
 * in the kernel_... and symtab_... fields of boot_info. Returns BOOT_OK, or an error of fat.h,
 * elf.h, multiboot.h or disk.h, E_NOTE_..., E_KERNEL_NO_CRC or E_NO_ROOM_SYMBOLS.
 */
enum boot_error plan_elf(struct fat_file *file);

#endif
