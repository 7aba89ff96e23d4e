/*
 * irq_load.c: allocations in an interrupt handler, at 4 KHz.
 *
 * One object of the handler's cache, and one of kmalloc's, stay in use. So their slabs are never
 * empty, and the handler leaves no slab behind that was not there before.
 */
#include <boot/boot.h>
#include <cpu/trap.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <lib/irq.h>
#include <lib/printk.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <selftest/irq_load.h>
#include <selftest/test.h>

#define RATE 4000
#define BLOCKS 4
#define SIZE 40

static struct kmem_cache *cache;
static trap_handler *timer;
static void *kept_object, *kept_memory;
static uint32_t interrupts, given, refused, wrong;

/* Writes to a frame and reads it back, through an address of kmap_atomic() if it needs one. Its
 * flushes do not count: suites count theirs. */
static void touch(struct page *page) {
    struct tlb_counts flushes = tlb_counts;
    volatile uint32_t *word = kmap_atomic(page);
    uint32_t before = *word;

    *word = interrupts;
    wrong += *word != interrupts;
    *word = before;
    kunmap_atomic((void *)word);
    tlb_counts = flushes;
}

static void allocate_and_free(struct pt_regs *regs) {
    struct page *block[BLOCKS];
    uint32_t *object = kmem_cache_alloc(cache, GFP_ATOMIC), *memory = kmalloc(SIZE, GFP_ATOMIC);

    interrupts++;
    for (unsigned i = 0; i < BLOCKS; i++) {
        gfp_t gfp = i % 2 ? GFP_ATOMIC | __GFP_HIGHMEM : GFP_ATOMIC;
        block[i] = alloc_pages(gfp, i, OWNER_OTHER);
        if (block[i]) touch(block[i]);
        *(block[i] ? &given : &refused) += 1;
    }
    *(object && memory ? &given : &refused) += 2;
    if (object) *object = interrupts;
    if (memory) *memory = interrupts;
    wrong += object && memory && *object != *memory;
    for (unsigned i = 0; i < BLOCKS; i++)
        if (block[i]) free_pages(block[i], i);
    if (object) kmem_cache_free(cache, object);
    kfree(memory);
    timer(regs);
}

void irq_load_start(void) {
    char value[8];
    if (!cmdline_option("irqload", value, sizeof value)) return;

    cache = kmem_cache_create("irqload", SIZE, 0, NULL);
    if (!cache) return;
    kept_object = kmem_cache_alloc(cache, GFP_KERNEL);
    kept_memory = kmalloc(SIZE, GFP_KERNEL);
    uint32_t eflags = irq_save(); /* the handler calls `timer` */
    timer = irq_set_handler(IRQ_TIMER, allocate_and_free);
    pit_set_rate(RATE);
    irq_restore(eflags);
}

void irq_load_stop(void) {
    if (!cache) return;
    pit_set_rate(HZ);
    irq_set_handler(IRQ_TIMER, timer);
    kmem_cache_free(cache, kept_object);
    kfree(kept_memory);
    kmem_cache_destroy(cache);
    cache = NULL;
    printk("# irqload: %u interrupts, %u allocations, %u refused, %u wrong\n", interrupts, given,
           refused, wrong);
}
