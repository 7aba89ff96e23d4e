/*
 * step_program.c: the steps of the first program, whichever that is: each is the first event of its
 * kind. A system call or a page fault is never asked whether it is the first: who waits for one
 * stands in the place of its handler, and leaves it when the step is made.
 */
#include <ascent/layout.h>
#include <boot/boot.h>
#include <boot/step_event.h>
#include <boot/step_program.h>
#include <cpu/trap.h>
#include <mm/user_pages.h>
#include <proc/task_private.h>
#include <syscall/syscall.h>

static uint32_t awaited, made; /* a bit for each step */
static bool watching;
static trap_handler *handle_call, *handle_page_fault;

static void first_call(struct pt_regs *regs);
static void watch_page_fault(struct pt_regs *regs);

static void await(enum step_id id) {
    if (!(made & 1u << id)) awaited |= 1u << id;
}

static bool is_awaited(enum step_id id) {
    return awaited & 1u << id;
}

static void make(enum step_id id, const struct step_event *event) {
    awaited &= ~(1u << id);
    made |= 1u << id;
    step_record_event(id, event);
}

static void watch_page_faults(void) {
    if (watching) return;
    handle_page_fault = trap_set_handler(VECTOR_PF, watch_page_fault);
    watching = true;
}

void steps_await_program(void) {
    await(STEP_CR3_SWITCH);
}

/* From here on there is a process, which makes the others. */
void step_space_loaded(void) {
    const struct step_event event = {.mm = &current->mm->pt};

    if (!is_awaited(STEP_CR3_SWITCH)) return;
    make(STEP_CR3_SWITCH, &event);
    await(STEP_RING3);
    await(STEP_DEMAND_ZERO);
    handle_call = trap_set_handler(SYSCALL_VECTOR, first_call);
    watch_page_faults();
}

void step_into_ring3(void) {
    const struct step_event event = {.frame = task_regs(current)};

    if (is_awaited(STEP_RING3)) make(STEP_RING3, &event);
}

void step_frames_shared(void) {
    if (made & 1u << STEP_COW || !(made & 1u << STEP_CR3_SWITCH)) return;
    await(STEP_COW);
    watch_page_faults();
}

/* ---- the first system call ---- */

static void first_call(struct pt_regs *regs) {
    const struct step_event event = {.frame = regs};

    if (user_mode(regs)) {
        trap_set_handler(SYSCALL_VECTOR, handle_call);
        make(STEP_SYSCALL, &event);
    }
    handle_call(regs);
}

/* ---- the first pages that a page fault of ring 3 brings ---- */

static uint64_t entry_of(uint32_t address) {
    struct pte pte = pte_find(&current->mm->pt, virt_addr(address));

    return pte.level->shift == PAGE_SHIFT ? pte.value : 0;
}

static bool is_anonymous(uint32_t address) {
    const struct vm_area_struct *area = vma_find(current->mm, address);

    return area && area->start <= address && !area->file;
}

/* Of a frame that belongs to processes, and not to a file. */
static bool is_copy(uint64_t before, uint64_t after) {
    const struct paging_mode *mode = current->mm->pt.mode;

    if (!(before & PTE_PRESENT) || before & PTE_WRITE) return false;
    if (!(after & PTE_PRESENT) || !(after & PTE_WRITE)) return false;
    const struct page *old = entry_frame(mode, before);
    return page_owner(old) == OWNER_USER && old != entry_frame(mode, after);
}

static void look_at(const struct step_event *event) {
    uint64_t before = event->entry_before, after = event->entry_after;

    if (is_awaited(STEP_DEMAND_ZERO) && !before && after & PTE_PRESENT &&
        is_anonymous(event->frame->cr2))
        make(STEP_DEMAND_ZERO, event);
    if (is_awaited(STEP_COW) && is_copy(before, after)) make(STEP_COW, event);
}

/* The fault is mended as always; what that has done to the entry of the page tells which it was. */
static void watch_page_fault(struct pt_regs *regs) {
    bool of_program = user_mode(regs) && current->mm && regs->cr2 < PAGE_OFFSET;
    struct step_event event = {.frame = regs};

    if (of_program) event.entry_before = entry_of(regs->cr2);
    handle_page_fault(regs);
    if (!of_program) return;
    event.entry_after = entry_of(regs->cr2);
    look_at(&event);
    if (!is_awaited(STEP_DEMAND_ZERO) && !is_awaited(STEP_COW) && watching) {
        trap_set_handler(VECTOR_PF, handle_page_fault);
        watching = false;
    }
}
