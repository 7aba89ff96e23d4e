/*
 * bios.c: a BIOS call: what the BIOS counts on is put back as it had it, for as long as it runs.
 * See bios.h.
 */
#include <ascent/layout.h>
#include <ascent/step_capture.h>
#include <bios/bios.h>
#include <boot/boot.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/gdt.h>
#include <cpu/nmi.h>
#include <cpu/trap.h>
#include <dev/keyboard.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <dev/pit_lend.h>
#include <dev/serial_input.h>
#include <lib/irq.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/pgtable.h>
#include <proc/fpu.h>

/* What of CR0 the BIOS may see of ours: whether there is an x87, and the caches. */
#define CR0_KEPT (CR0_EM | CR0_ET | CR0_NW | CR0_CD)

/* image.asm, switch.asm */
extern const char real_image[], real_image_end[];
void bios_switch(uint32_t enter, uint32_t cr3);
extern const char bios_switch_return[];

uint32_t bios_calls, bios_ticks_made_up;

static struct mm identity; /* the kernel half, and the part for real mode at its own addresses */
static bool ready;

struct real_call *bios_area(void) {
    return phys_to_virt(phys_addr(REAL_DATA_ADDR));
}

bool bios_can_call(void) {
    return ready;
}

static enum map_error map_at_itself(uint32_t phys, uint32_t bytes, uint64_t flags) {
    return pt_map(&identity, virt_addr(phys), phys_addr(phys), bytes, flags);
}

/* CR4 as the BIOS has left it to the loader. */
static uint32_t bios_cr4(void) {
    for (uint32_t i = 0; i < boot_steps_count; i++)
        if (boot_steps[i].id == STEP_IRQ_OFF) return boot_steps[i].cr4;
    return 0;
}

void bios_init(void) {
    if (pt_create(&identity)) return;
    if (map_at_itself(REAL_TEXT_ADDR, REAL_DATA_ADDR - REAL_TEXT_ADDR, PTE_PRESENT) ||
        map_at_itself(REAL_DATA_ADDR, REAL_STACK_TOP - REAL_DATA_ADDR,
                      PTE_PRESENT | PTE_WRITE | PTE_NX)) {
        pt_destroy(&identity, NULL);
        return;
    }
    memset(bios_area(), 0, REAL_STACK_ADDR - REAL_DATA_ADDR);
    memcpy(phys_to_virt(phys_addr(REAL_TEXT_ADDR)), real_image,
           (size_t)(real_image_end - real_image));
    ready = true;
}

/* For the way back. CR0.TS is another with each task. */
static void note_state(struct real_call *area) {
    area->cr0 = read_cr0();
    area->cr3 = (uint32_t)identity.root.value;
    area->has_cr4 = cpu.has_cr4;
    area->has_efer = cpu.nx;
    area->has_tsc = cpu.tsc;
    if (cpu.has_cr4) area->cr4 = read_cr4();
    if (cpu.nx) area->efer = (uint32_t)rdmsr(MSR_EFER);
    area->return_address = (uint32_t)bios_switch_return;
    area->bios_cr0 = area->cr0 & CR0_KEPT;
    area->bios_cr4 = bios_cr4();
}

static void record(struct real_call *area, enum real_step step) {
    struct boot_step *now = &area->steps[step];

    step_capture(now, cpu.has_cr4, cpu.tsc);
    now->id = step;
    now->eip = (uint32_t)__builtin_return_address(0);
    now->esp = (uint32_t)__builtin_frame_address(0);
}

static void switch_and_back(struct real_call *area) {
    note_state(area);
    record(area, REAL_STEP_KERNEL);
    bios_switch(REAL_TEXT_ADDR, area->cr3);
    gdt_reload_task();
    if (cpu.has_cr4) write_cr4(area->cr4); /* PGE, which comes last */
    record(area, REAL_STEP_BACK);
}

/* What has asked for us meanwhile, and the ticks. */
static void make_up(uint16_t requests, uint32_t ticks) {
    for (unsigned irq = 0; irq < PIC_IRQS; irq++)
        if (requests & 1u << irq) irq_make_up(irq, 1);
    irq_make_up(IRQ_TIMER, ticks);
    bios_ticks_made_up += ticks;
}

void bios_call(uint8_t vector, struct bios_regs *regs) {
    struct real_call *area = bios_area();
    uint32_t eflags = irq_save();

    area->regs = *regs;
    area->vector = vector;
    keyboard_hold();
    serial_hold();
    nmi_disable();
    fpu_put_aside();
    pit_lend();
    uint16_t requests = pic_lend((uint16_t)boot_info.pic_masks);

    switch_and_back(area);

    uint32_t ticks = pit_take_back(); /* its output may jump, and the controllers forget that */
    requests |= pic_take_back();
    fpu_take_back();
    nmi_enable();
    serial_release();
    keyboard_release();
    make_up(requests, ticks);
    boot_info.workarounds |= area->workarounds;
    bios_calls++;
    *regs = area->regs;
    irq_restore(eflags);
}
