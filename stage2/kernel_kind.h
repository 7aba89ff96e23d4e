/*
 * kernel_kind.h: what a kernel file is, judged by what it holds: never by its name.
 *
 *   "HdrS" at 202h, and no ELF file     Linux's format (Documentation/arch/x86/boot.rst)
 *   ELF with a note "Ascent"            our own protocol (ascent/boot_info.h)
 *   ELF, no such note, a Multiboot      Multiboot (Multiboot specification 0.6.96 §3.1.1)
 *     header in its first 8,192 bytes
 *   any other ELF                       our own protocol: the note may be absent
 *
 * NASM gets the numbers too (Makefile).
 */
#ifndef STAGE2_KERNEL_KIND_H
#define STAGE2_KERNEL_KIND_H

#include <stdbool.h>
#include <stdint.h>

#define KERNEL_ASCENT 0
#define KERNEL_MULTIBOOT 1
#define KERNEL_LINUX 2      /* by its 32-bit entry point */
#define KERNEL_LINUX_REAL 3 /* the file says that it has none: in real mode */

/* Of the kernel that is loaded; KERNEL_ASCENT before. */
extern uint32_t kernel_kind;

static inline bool kernel_is_linux(void) {
    return kernel_kind >= KERNEL_LINUX;
}

/* The first bytes of the file lie at HANDOFF_ADDR: as many as the Multiboot specification looks at. */
#define KERNEL_HEAD_MAX 8192

/*
 * What the file is, by its head: to kernel_kind. An ELF file with a note of ours may still be called
 * KERNEL_MULTIBOOT: who reads its notes knows better. `error`: BOOT_OK, or E_MULTIBOOT_AOUT for what is
 * no ELF file, but has a Multiboot header that says where to load it.
 */
struct head_request {
    uint32_t head_bytes, file_bytes;
    uint32_t error; /* the answers: enum boot_error */
    uint32_t image_offset, image_bytes; /* Linux: what goes to kernel_phys */
    uint32_t setup_bytes;               /* Linux: the real-mode part in front of it */
};
void pm_kernel_kind(void *argument); /* struct head_request */

/* CR4 = 0 and IA32_EFER.LME = 0, where there are such registers. Protected mode, before the jump. */
void plain_processor(void);

#endif
