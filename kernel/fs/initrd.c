/*
 * initrd.c: the initrd's memory. Contents go from its frames to those of files, a page at a time, and
 * each frame that has been read is given back at once: a machine needs room for the initrd once.
 */
#include <boot/boot.h>
#include <fs/cpio.h>
#include <fs/initrd.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/kmap.h>

static uint32_t released; /* so many bytes from its start */

/* The descriptor of the frame that holds byte `offset`; the loader puts it on a frame's edge. */
static struct page *frame_of(uint32_t offset) {
    phys_addr_t phys = phys_addr((uint64_t)boot_info.initrd_phys + offset);
    return pfn_to_page(phys_to_pfn(phys));
}

bool initrd_read(uint32_t offset, void *to, uint32_t bytes) {
    uint8_t *out = to;

    while (bytes) {
        uint32_t in_page = (boot_info.initrd_phys + offset) % PAGE_SIZE;
        uint32_t part = bytes < PAGE_SIZE - in_page ? bytes : PAGE_SIZE - in_page;
        struct page *page = frame_of(offset);
        if (!page) return false;
        uint8_t *memory = kmap_atomic(page);
        memcpy(out, memory + in_page, part);
        kunmap_atomic(memory);
        out += part;
        offset += part;
        bytes -= part;
    }
    return true;
}

void initrd_release(uint32_t offset) {
    for (; released + PAGE_SIZE <= offset; released += PAGE_SIZE)
        buddy_release_frame(phys_to_pfn(phys_addr((uint64_t)boot_info.initrd_phys + released)),
                            OWNER_INITRD);
}

void initrd_unpack(void) {
    if (boot_info.initrd_bytes == 0) return;
    uint32_t entries = cpio_unpack(boot_info.initrd_bytes);
    if (entries) printk("initrd: %u files\n", entries);
    buddy_release(OWNER_INITRD);
}
