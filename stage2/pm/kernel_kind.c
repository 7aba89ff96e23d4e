/*
 * kernel_kind.c: what is this kernel file? 32-bit code, called through pm_call(). Contract in
 * kernel_kind.h.
 */
#include "kernel_kind.h"

#include <ascent/errors.h>
#include <ascent/layout.h>

#include "bytes.h"
#include "linux.h"
#include "multiboot.h"

uint32_t kernel_kind;

void pm_kernel_kind(void *argument) {
    struct head_request *request = argument;
    const uint8_t *head = (const uint8_t *)HANDOFF_ADDR;
    uint32_t bytes = request->head_bytes;
    bool elf = bytes >= 4 && same_bytes(head, "\177ELF", 4);

    request->error = BOOT_OK;
    kernel_kind = KERNEL_ASCENT;
    if (!elf && linux_has_header(head, bytes)) {
        kernel_kind = KERNEL_LINUX;
        return;
    }
    const struct multiboot_header *header = multiboot_find(head, bytes);
    if (!header) return;
    if (elf)
        kernel_kind = KERNEL_MULTIBOOT;
    else if (header->flags & MULTIBOOT_WANTS_AOUT)
        request->error = E_MULTIBOOT_AOUT;
}
