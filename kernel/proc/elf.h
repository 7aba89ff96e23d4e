/*
 * elf.h: the part of an ELF file that a program is started by (ELF §1-4, §2-2).
 */
#ifndef PROC_ELF_H
#define PROC_ELF_H

#include <stdint.h>

#define ELF_MAGIC 0x464C457Fu /* 7F 45 4C 46 */
#define ELF_CLASS_32 1
#define ELF_DATA_LITTLE 1
#define ET_EXEC 2
#define ET_DYN 3
#define EM_386 3
#define PT_LOAD 1u
#define PT_INTERP 3u
#define PF_X 1u
#define PF_W 2u
#define PF_R 4u

struct elf_header {
    uint32_t magic;
    uint8_t class, data, version, abi, padding[8];
    uint16_t type, machine;
    uint32_t file_version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

#endif
