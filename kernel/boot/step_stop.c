/*
 * step_stop.c: stops at the kernel's steps: what each is about, on the screen, its keys, and what B
 * breaks. Up to irq-on the keyboard and COM1 are polled, from then on their interrupts are served.
 * Once there are programs, the keys and the screen are theirs: both are lent for the stop.
 */
#define STEP_BIT_NAME_MAX 11
#define STEP_DIRECTORY_SECTION /* with the rest of the constants */

#include <ascent/step_directory.h>
#include <ascent/step_screen.h>
#include <ascent/step_stop.h>
#include <boot/step_detail_program.h>
#include <boot/step_stop.h>
#include <cpu/control.h>
#include <cpu/gdt.h>
#include <dev/input.h>
#include <dev/keyboard.h>
#include <dev/serial.h>
#include <dev/serial_input.h>
#include <dev/vga.h>
#include <mm/image.h>
#include <mm/pgtable.h>
#include <mm/regions.h>

#define DIRECTORY_SHOWN (LOADER_MAP_MIN / LARGE_PAGE_SIZE) /* entries of each map: it has as many */
#define SELECTOR_BEHIND_GDT (GDT_ENTRIES * 8)

static const struct step_bit step_cr4_bits[] = {
    {2, "TSD"},     {3, "DE"},           {4, "PSE"},   {5, "PAE"},   {6, "MCE"},   {7, "PGE"},
    {9, "OSFXSR"}, {10, "OSXMMEXCPT"}, {11, "UMIP"}, {20, "SMEP"}, {21, "SMAP"}, {0, ""}};

static volatile uint16_t *const screen = (volatile uint16_t *)(PAGE_OFFSET + VGA_TEXT_ADDR);
static const struct step_event *event_shown; /* of a step of the first program; else null */

static void step_put_cell(uint32_t cell, uint32_t value) {
    screen[cell] = (uint16_t)value;
}

static void step_send(const char *text) {
    for (; *text; text++)
        if (*text != '\r') serial_putc(*text); /* serial_putc adds it */
}

/* ---- what the step is about -------------------------------------------------------------------- */

/*
 * The entries of both maps, as far as there is room. Up to the jump nothing had used the one at
 * PAGE_OFFSET: there each A and D is new.
 */
static void show_loader_directory(void) {
    const uint32_t *directory =
        (const uint32_t *)(PAGE_OFFSET + boot_info.page_directory_phys);
    uint32_t high = PAGE_OFFSET >> DIRECTORY_SHIFT;

    step_show_directory_heading(true);
    for (uint32_t i = 0; i < DIRECTORY_SHOWN; i++)
        step_show_directory_entry(i, directory[i], false);
    for (uint32_t i = high; i < high + DIRECTORY_SHOWN; i++)
        step_show_directory_entry(i, directory[i], directory[i] & (DIRECTORY_A | DIRECTORY_D));
}

static void show_entry(void) {
    row_text("EBX handed over boot_info: ");
    row_number(boot_info.map_count);
    row_text(" memory ranges, kernel at physical ");
    row_hex(boot_info.kernel_phys, 8);
    row_end();
    row_text("initrd at physical ");
    row_hex(boot_info.initrd_phys, 8);
    row_text(", both maps reach to ");
    row_hex(boot_info.mapped_bytes, 8);
    row_end();
    show_loader_directory();
}

/* A gate of the IDT (SDM 3A §6.11). */
static void show_gate(const uint8_t *gate, uint32_t vector, const char *name, bool changed) {
    row_text("  ");
    if (changed) row_char(STEP_MARK);
    row_hex(vector, 2);
    row_char(' ');
    row_text(name);
    row_tab(26);
    for (int i = 0; i < 8; i++) {
        row_hex(gate[i], 2);
        row_char(' ');
    }
    row_text(" selector ");
    row_hex(gate[2] | (uint32_t)gate[3] << 8, 4);
    if ((gate[5] & 0xF) == 5) {
        row_text(", task gate");
    } else {
        row_text(" offset ");
        row_hex(gate[0] | (uint32_t)gate[1] << 8 | (uint32_t)gate[6] << 16 |
                    (uint32_t)gate[7] << 24, 8);
    }
    if (changed) row_char(STEP_MARK);
    row_end();
}

static void show_idt(const struct boot_step *before, const struct boot_step *now) {
    static const struct {
        uint8_t vector;
        const char *name;
    } gates[] = {{0, "#DE divide error"},  {6, "#UD invalid opcode"}, {8, "#DF double fault"},
                 {13, "#GP protection"},   {14, "#PF page fault"},    {32, "IRQ 0, the timer"}};

    for (unsigned i = 0; i < sizeof(gates) / sizeof(gates[0]); i++)
        show_gate((const uint8_t *)now->idtr_base + gates[i].vector * 8, gates[i].vector,
                  gates[i].name,
                  step_row_changed(before->idtr_base, before->idtr_limit, now->idtr_base,
                                   gates[i].vector * 8u));
}

static void show_pages(void) {
    row_text(kernel_mm.mode->name);
    row_line(" paging. What a walk of the tables finds:");
    show_page(&kernel_mm, "the null pointer", 0);
    show_page(&kernel_mm, "the boot sector, identity", STAGE1_ADDR);
    show_page(&kernel_mm, "kernel code", (uint32_t)__text_start);
    show_page(&kernel_mm, "kernel constants", (uint32_t)__rodata_start);
    show_page(&kernel_mm, "kernel data", (uint32_t)__data_start);
}

static void show_last_of_boot(void) {
    step_show_masks();
    row_line(". On: timer, keyboard, COM1");
    row_line("The steps that follow are the first program's. Without one, this is the last.");
}

static void step_detail(const struct boot_step *before, const struct boot_step *now) {
    if (event_shown) {
        show_event(now->id, event_shown);
        return;
    }
    switch (now->id) {
    case STEP_KERNEL_ENTRY: show_entry(); break;
    case STEP_KERNEL_GDT: step_show_gdt(before, now); break;
    case STEP_KERNEL_IDT: show_idt(before, now); break;
    case STEP_KERNEL_CR3:
    case STEP_ZAP_IDENTITY: show_pages(); break;
    default: show_last_of_boot(); break;
    }
}

static void step_show(enum step_view view, const struct boot_step *before,
                      const struct boot_step *now) {
    step_draw_view(view, before, now);
}

/* ---- keys, and B ------------------------------------------------------------------------------- */

/* With interrupts on, the drivers have the key before we could see it. */
static char step_key(enum step_id id) {
    if (id < STEP_IRQ_ON) return step_polled_key();
    cli();
    int key = keyboard_getc();
    if (key < 0) key = serial_getc();
    sti();
    return (char)(key > 0 ? key : 0);
}

static void divide_by_zero(void) {
    __asm__ volatile("xorl %%edx, %%edx; divl %%edx" : : : "eax", "edx", "cc");
}

static void step_break(enum step_id id) {
    switch (id) {
    case STEP_KERNEL_ENTRY:
    case STEP_KERNEL_IDT: divide_by_zero(); break;
    case STEP_KERNEL_GDT: __asm__ volatile("movw %w0, %%ds" : : "r"(SELECTOR_BEHIND_GDT)); break;
    case STEP_KERNEL_CR3: *(volatile uint8_t *)__text_start = 0; break;
    case STEP_ZAP_IDENTITY: __asm__ volatile("movb 0, %%al" : : : "eax"); break;
    case STEP_RING3: event_shown->frame->ss = KERNEL_DS; break;
    default: break;
    }
}

/* ---- the stop ---------------------------------------------------------------------------------- */

/* Whoever listens for keys would take them before we could see them. */
static void stop_amid_programs(const struct boot_step *before, const struct boot_step *now) {
    static uint16_t kept[STEP_COLUMNS * STEP_ROWS];
    void (*listener)(void) = input_listener;

    input_listener = NULL;
    for (uint32_t i = 0; i < STEP_COLUMNS * STEP_ROWS; i++) kept[i] = screen[i];
    step_stop_at(before, now);
    for (uint32_t i = 0; i < STEP_COLUMNS * STEP_ROWS; i++) screen[i] = kept[i];
    vga_show_cursor();
    input_listener = listener;
}

/* What INT 80h has changed is not known from the step before, but from what the processor has pushed. */
static struct boot_step before_trap(const struct boot_step *before, const struct pt_regs *frame) {
    struct boot_step program = *before;

    program.eip = frame->eip;
    program.cs = frame->cs & 0xFFFF;
    program.eflags = frame->eflags;
    program.esp = frame->esp;
    program.ss = frame->ss & 0xFFFF;
    return program;
}

void step_stop(const struct boot_step *before, const struct boot_step *now,
               const struct step_event *event) {
    uint32_t eflags = irq_save();
    struct boot_step program;

    event_shown = event;
    if (now->id == STEP_SYSCALL) {
        program = before_trap(before, event->frame);
        before = &program;
    }
    if (event) stop_amid_programs(before, now);
    else step_stop_at(before, now);
    irq_restore(eflags);
}
