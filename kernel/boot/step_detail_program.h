/*
 * step_detail_program.h: the rows about the steps of the first program. Header only: it draws with
 * the rows of ascent/step_screen.h, and is compiled with the one file that includes that.
 */
#ifndef BOOT_STEP_DETAIL_PROGRAM_H
#define BOOT_STEP_DETAIL_PROGRAM_H

#include <ascent/step_screen.h>
#include <boot/step_event.h>
#include <cpu/tss.h>
#include <mm/image.h>
#include <syscall/syscall.h>

#define PROGRAMS_START 0x08048000u /* of one with a fixed address (System V ABI i386) */
#define PF_PRESENT 0x01u /* bits of the error code (SDM 3A §4.7) */
#define PF_WRITE 0x02u
#define PF_USER 0x04u
#define PF_FETCH 0x10u

#define PAGES_SHOWN_MAX 8

/* Whether a page is not as it was when its row was last shown: mapped otherwise, or used since then. */
static bool page_changed(uint32_t linear, const struct translation *found) {
    static struct {
        uint32_t linear;
        uint64_t value; /* 0: not mapped */
    } shown[PAGES_SHOWN_MAX];
    static unsigned count;
    uint64_t value = found->present ? found->phys.value | found->flags : 0;
    unsigned row = 0;

    while (row < count && shown[row].linear != linear) row++;
    if (row == PAGES_SHOWN_MAX) return false;
    if (row == count) shown[count++].linear = linear;
    bool changed = shown[row].value != value;
    shown[row].value = value;
    return changed;
}

/* What is mapped at a linear address, as a walk of the tables finds it. A and D are the processor's:
 * the kernel enters its own pages without. */
static void show_page(const struct mm *mm, const char *name, uint32_t linear) {
    struct translation found = pt_translate(mm, virt_addr(linear));
    bool changed = page_changed(linear, &found);

    row_text("  ");
    if (changed) row_char(STEP_MARK);
    row_hex(linear, 8);
    row_char(' ');
    row_text(name);
    row_tab(38);
    if (found.present) {
        row_text("physical ");
        row_hex((uint32_t)found.phys.value, 8);
        row_text("  R");
        row_char(found.writable ? 'W' : '-');
        row_char(found.executable ? 'X' : '-');
        if (found.flags & PTE_ACCESSED) row_text(" A");
        if (found.flags & PTE_DIRTY) row_text(" D");
        if (found.user) row_text("  for ring 3 too");
    } else {
        row_text("not mapped");
    }
    if (changed) row_char(STEP_MARK);
    row_end();
}

/* How many entries of the root are the kernel's, and how many of them are the same in both. */
static void show_kernel_half(const struct mm *mm) {
    const struct paging_level *root = &mm->mode->level[0];
    uint32_t first = level_index(root, virt_addr(PAGE_OFFSET)), same = 0;

    for (uint32_t i = first; i <= root->last_index; i++) {
        virt_addr_t at = virt_addr((uintptr_t)i << root->shift);
        same += !((pte_find_at(mm, at, 0).value ^ pte_find_at(&kernel_mm, at, 0).value) &
                  ~(PTE_ACCESSED | PTE_DIRTY));
    }
    row_text("Root entries from ");
    row_hex(first, 3);
    row_text(" on are the kernel's: ");
    row_number(same);
    row_text(" of ");
    row_number(root->last_index + 1 - first);
    row_line(" as in the kernel's own tables");
}

static void show_space(const struct mm *mm) {
    row_text(mm->mode->name);
    row_line(" paging. What a walk of the process's tables finds:");
    show_page(mm, "where programs are", PROGRAMS_START);
    show_page(mm, "where their stack will be", PAGE_OFFSET - PAGE_SIZE);
    show_kernel_half(mm);
    show_page(mm, "kernel code", (uint32_t)__text_start);
    show_page(mm, "kernel data", (uint32_t)__data_start);
}

/* ---- the frame that IRET takes, or that the processor has pushed ------------------------------ */

static void show_field(const char *name, uint32_t value, int digits, const char *means) {
    row_text("  ");
    row_text(name);
    row_tab(10);
    row_hex(value, digits);
    row_tab(20);
    row_line(means);
}

static void show_esp0(const char *means) {
    row_text("  TSS.ESP0 ");
    row_hex(kernel_tss.esp0, 8);
    row_char(' ');
    row_line(means);
}

static void show_iret(const struct pt_regs *frame) {
    row_text("At ");
    row_hex((uint32_t)&frame->eip, 8);
    row_line(" lies what IRET takes, from the lowest address upwards:");
    show_field("EIP", frame->eip, 8, "where the program begins");
    show_field("CS", frame->cs & 0xFFFF, 4, "CPL 0 -> 3: the RPL of CS. So ESP and SS follow");
    show_field("EFLAGS", frame->eflags, 8, "IF = 1: interrupts come. IOPL = 0: no ports");
    show_field("ESP", frame->esp, 8, "SS:ESP is the program's stack: there lies argc");
    show_field("SS", frame->ss & 0xFFFF, 4, "RPL and DPL 3, as the new CPL");
    show_esp0("stays: to this stack the processor comes back");
}

static void show_name(const char *name) {
    if (!name) name = "no such call";
    row_text(name);
    row_text("()");
}

static void show_call(const struct pt_regs *frame) {
    row_text("EAX ");
    row_hex(frame->eax, 8);
    row_text(": ");
    show_name(syscall_name(frame->eax));
    row_text(". EBX ");
    row_hex(frame->ebx, 8);
    row_text(" ECX ");
    row_hex(frame->ecx, 8);
    row_text(" EDX ");
    row_hex(frame->edx, 8);
    row_end();
    show_esp0("to this stack the processor has changed, and pushed there:");
    show_field("SS", frame->ss & 0xFFFF, 4, "CPL was 3");
    show_field("ESP", frame->esp, 8, "the program's stack");
    show_field("EFLAGS", frame->eflags, 8, "IF was 1; the gate has cleared it");
    show_field("CS", frame->cs & 0xFFFF, 4, "now 0008, from the gate");
    show_field("EIP", frame->eip, 8, "behind the INT 80h: there IRET goes on");
}

/* ---- what a page fault did to an entry -------------------------------------------------------- */

/* SDM 3A §4.3, §4.4. */
static const struct step_bit entry_bits[] = {{0, "P"}, {1, "RW"}, {2, "US"}, {5, "A"}, {6, "D"},
                                             {63, "NX"}, {0, ""}};

/* The entry, and its bits by name; marked where it differs from `last`. */
static void show_entry_value(const char *when, const struct mm *mm, uint64_t entry, uint64_t last) {
    row_text("  entry ");
    row_text(when);
    row_tab(16);
    if (entry != last) row_char(STEP_MARK);
    if (mm->mode->entry_bytes == 8) row_hex((uint32_t)(entry >> 32), 8);
    row_hex((uint32_t)entry, 8);
    if (entry != last) row_char(STEP_MARK);
    for (const struct step_bit *bit = entry_bits; bit->name[0]; bit++) {
        if (!(entry >> bit->number & 1)) continue;
        bool new = !(last >> bit->number & 1);
        row_char(' ');
        if (new) row_char(STEP_MARK);
        row_text(bit->name);
        if (new) row_char(STEP_MARK);
    }
    if (!entry) row_text(" never used");
    row_end();
}

static void show_frame(const char *what, const struct mm *mm, uint64_t entry) {
    row_text("  frame ");
    row_hex((uint32_t)(pte_phys(mm->mode, entry).value >> PAGE_SHIFT), 5);
    row_char(' ');
    row_line(what);
}

static void show_page_fault(const struct step_event *event) {
    const struct pt_regs *frame = event->frame;
    uint32_t error = frame->error_code;

    row_text("#PF: CR2 ");
    row_hex(frame->cr2, 8);
    row_text(", error code ");
    row_number(error);
    row_text(error & PF_PRESENT ? ": no right to " : ": not present, ");
    row_text(error & PF_WRITE ? "write" : error & PF_FETCH ? "fetch" : "read");
    row_text(error & PF_USER ? ", by ring 3" : ", by ring 0");
    row_text(", EIP ");
    row_hex(frame->eip, 8);
    row_end();
    show_entry_value("before", &kernel_mm, event->entry_before, event->entry_before);
    show_entry_value("after", &kernel_mm, event->entry_after, event->entry_before);
}

static void show_demand_zero(const struct step_event *event) {
    show_page_fault(event);
    show_frame(event->entry_after & PTE_WRITE ? "is full of zeros, and the program's own"
                                              : "is the page of zeros, which all readers share",
               &kernel_mm, event->entry_after);
    row_line("IRET goes back to the same instruction: it is done again, and finds the page.");
}

static void show_cow(const struct step_event *event) {
    show_page_fault(event);
    show_frame("before: still the other process's, and read-only there", &kernel_mm,
               event->entry_before);
    show_frame("after: a copy, for the one that writes", &kernel_mm, event->entry_after);
    row_line("IRET goes back to the same instruction: now it may write.");
}

static void show_event(enum step_id id, const struct step_event *event) {
    switch (id) {
    case STEP_CR3_SWITCH: show_space(event->mm); break;
    case STEP_RING3: show_iret(event->frame); break;
    case STEP_DEMAND_ZERO: show_demand_zero(event); break;
    case STEP_SYSCALL: show_call(event->frame); break;
    default: show_cow(event); break;
    }
}

#endif
