/*
 * lesson_alloc.c: lessons about allocators: fragments, reserves, frames without an address,
 * contiguous memory.
 */
#include <lib/printk.h>
#include <mm/buddy.h>
#include <mm/direct_map.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <monitor/commands.h>
#include <monitor/lesson.h>
#include <monitor/translate.h>

#define EVERYTHING (__GFP_HIGHMEM | __GFP_MEMALLOC) /* any zone, to the last frame */
#define MAGIC 0xA5CE2717u /* what lesson_highmem() leaves in the frame */

/* Blocks that are taken, as a list through `private` of their descriptors, which is the owner's. */
static void push(struct page **list, struct page *page) {
    page->private = *list;
    *list = page;
}

static struct page *pop(struct page **list) {
    struct page *page = *list;
    *list = page->private;
    return page;
}

/* All single frames that a request like this gets. Answers their number. */
static uint32_t take(struct page **list, gfp_t gfp) {
    struct page *page;
    uint32_t frames = 0;
    for (; (page = alloc_pages(gfp, 0, OWNER_OTHER)); frames++) push(list, page);
    return frames;
}

static void try_orders(void) {
    for (unsigned order = 0; order <= ORDER_MAX; order++) {
        struct page *page = alloc_pages(GFP_KERNEL, order, OWNER_OTHER);
        printk("  2^%u frames: %s\n", order, page ? "there" : "none");
        if (!page) return;
        free_pages(page, order);
    }
}

/* What kmalloc() makes of single frames. */
static void try_sizes(void) {
    printk("  kmalloc");
    for (size_t size = 8; size <= 2 * PAGE_SIZE; size *= 2) {
        void *memory = kmalloc(size, GFP_KERNEL);
        printk(memory ? " %u" : "; %u: none", size);
        kfree(memory);
    }
    printk("\n");
}

void lesson_fragments(uint32_t unused) {
    (void)unused;
    struct page *all = NULL, *odd = NULL;
    uint32_t others = 0;

    printk("before:\n");
    try_orders();
    uint32_t taken = take(&all, EVERYTHING);
    while (all) {
        struct page *page = pop(&all);
        if (page_to_pfn(page).value % 2) {
            push(&odd, page);
            others++;
        } else {
            free_pages(page, 0);
        }
    }
    printk("all %u frames taken, one by one, and those with an even number given back:\n"
           "%llu KB are free\n", taken, kilobytes(pages_of(OWNER_FREE)));
    try_orders();
    try_sizes();
    while (odd) free_pages(pop(&odd), 0);
    printk("the other %u given back: each joins its buddy\n", others);
    try_orders();
}

/* Takes blocks until one lies high enough, and gives the others back. */
static struct page *frame_from(uint64_t first) {
    struct page *low = NULL, *page;

    while ((page = alloc_pages(__GFP_HIGHMEM, ORDER_MAX, OWNER_OTHER)) &&
           page_to_pfn(page).value < first)
        push(&low, page);
    while (low) free_pages(pop(&low), ORDER_MAX);
    return page;
}

/* A frame keeps what is in it when it is given back, until its next owner. */
void lesson_highmem(uint32_t megabyte) {
    if (!megabyte) megabyte = DIRECT_MAP_MAX >> 20;
    uint64_t first = (uint64_t)megabyte << (20 - PAGE_SHIFT); /* more than a frame number may hold */
    struct page *page = frame_from(first);
    if (!page) {
        printk("no free frame from %u MB on\n", megabyte);
        return;
    }
    volatile uint32_t *address = kmap(page);
    if (address) {
        *address = MAGIC;
        printk("%08x written to physical %09llx through kmap, at %08x\n", MAGIC,
               page_to_phys(page).value, (uint32_t)address);
        translate_print(virt_addr((uintptr_t)address));
        kunmap(page);
    } else {
        printk("all places of kmap are taken\n");
    }
    free_pages(page, ORDER_MAX);
}

static void print_left(const char *who, uint32_t taken) {
    printk("%-9s %8u  %8u %8u %8u\n", who, taken, zone_stats(ZONE_DMA)->free,
           zone_stats(ZONE_NORMAL)->free, zone_stats(ZONE_HIGHMEM)->free);
}

void lesson_pressure(uint32_t unused) {
    (void)unused;
    static const struct {
        const char *who;
        gfp_t gfp;
    } kinds[] = {{"users", GFP_HIGHUSER},
                 {"kernel", GFP_KERNEL},
                 {"handlers", GFP_ATOMIC},
                 {"all", EVERYTHING}};
    struct page *all = NULL;

    printk("frames of     taken  left: DMA   NORMAL  HIGHMEM\n");
    print_left("nobody", 0);
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        print_left(kinds[i].who, take(&all, kinds[i].gfp));
    while (all) free_pages(pop(&all), 0);
    print_left("given back", 0);
}

void lesson_kmalloc(uint32_t bytes) {
    if (!bytes) bytes = KMALLOC_MAX;
    uint8_t *memory = kmalloc(bytes, GFP_KERNEL);
    if (!memory) {
        printk("kmalloc(%x): no, the most is %x, and there must be such a block\n", bytes,
               (uint32_t)KMALLOC_MAX);
        return;
    }
    printk("kmalloc(%x): %08x-%08x, physical %08llx-%08llx\n", bytes, (uint32_t)memory,
           (uint32_t)memory + bytes - 1, virt_to_phys(memory).value,
           virt_to_phys(memory + bytes - 1).value);
    kfree(memory);
}
