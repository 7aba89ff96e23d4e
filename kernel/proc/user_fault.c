/*
 * user_fault.c: exceptions of programs (SDM 3A §6.15). What a page fault means is decided in
 * mm/fault.c; here it is taken there, and what cannot be mended becomes a signal.
 */
#include <ascent/chapter.h>
#include <ascent/layout.h>
#include <boot/checkpoint.h>
#include <cpu/control.h>
#include <cpu/fault.h>
#include <cpu/fixup.h>
#include <dev/console.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/reclaim.h>
#include <mm/swap.h>
#include <proc/fpu.h>
#include <proc/oom.h>
#include <proc/task_private.h>
#include <proc/user_fault.h>

#define PF_PRESENT 0x01u /* bits of the error code (SDM 3A §4.7) */
#define PF_WRITE 0x02u
#define PF_FETCH 0x10u
#define VECTOR_NM 7u

static bool page_fault(struct pt_regs *regs);
static void send(const struct pt_regs *regs, unsigned signal, int32_t code, uint32_t address);
static void exception(struct pt_regs *regs);

bool user_fault(struct pt_regs *regs) {
    bool from_ring3 = user_mode(regs);

    if (!from_ring3 && (regs->vector != VECTOR_PF || !fixup_is_there(regs))) return false;
    if (!current->mm) return false;
    if (from_ring3 && !chapter_has(regs->vector == VECTOR_PF ? 22 : 24)) checkpoint_end_in_ring3(regs);
    if (regs->eflags & EFLAGS_IF) sti();
    bool done = true;
    if (regs->vector == VECTOR_PF) done = page_fault(regs) || from_ring3;
    else exception(regs);
    cli();
    return done;
}

/* ---- page faults ---- */

/* Without NX the processor does not say that it was a fetch. No instruction reads its own first byte,
 * which is not there to be executed. */
static enum fault_access access_of(const struct pt_regs *regs) {
    if (regs->error_code & PF_WRITE) return FAULT_WRITE;
    if (regs->error_code & PF_FETCH) return FAULT_EXEC;
    return user_mode(regs) && regs->eip == regs->cr2 ? FAULT_EXEC : FAULT_READ;
}

static const struct {
    uint8_t signal;
    int8_t code;
} signals[FAULT_OUTCOMES] = {
    [FAULT_NULL_POINTER] = {SIGSEGV, SEGV_MAPERR},
    [FAULT_NO_AREA] = {SIGSEGV, SEGV_MAPERR},
    [FAULT_STACK_OVERFLOW] = {SIGSEGV, SEGV_MAPERR},
    [FAULT_READ_ONLY] = {SIGSEGV, SEGV_ACCERR},
    [FAULT_NOT_READABLE] = {SIGSEGV, SEGV_ACCERR},
    [FAULT_NOT_EXECUTABLE] = {SIGSEGV, SEGV_ACCERR},
    [FAULT_BEYOND_FILE] = {SIGBUS, BUS_ADRERR},
    [FAULT_OUT_OF_MEMORY] = {SIGKILL, SI_KERNEL},
    [FAULT_SWAP_READ] = {SIGBUS, BUS_ADRERR},
    [FAULT_FILE_READ] = {SIGBUS, BUS_ADRERR},
};

#define PATIENCE 100u /* times that it waits for what others do: a second or more */

/* Out of memory: swap is not to end now. Others may be about to free some; else whoever has most of it makes
 * room. After each of the three it is tried again: while this one slept, another may have made room. */
static enum fault_outcome bring_in(uint32_t address, enum fault_access access, uint32_t esp,
                                   enum block_wait wait) {
    unsigned waits = wait == BLOCK_SLEEP ? PATIENCE : 0;
    enum fault_outcome outcome;

    while ((outcome = mm_fault(current->mm, address, access, esp, wait)) == FAULT_OUT_OF_MEMORY) {
        if (swap_off_refuse()) continue;
        if (waits) waits = reclaim_wait() ? waits - 1 : 0;
        else if (!oom_kill()) break;
    }
    return outcome;
}

/* A kernel thread may use a space, too; it takes no signals. */
static bool is_program(const struct task *task) {
    return task->proc->signal;
}

/* False: it could not be mended. Then a program gets a signal, and the kernel goes on at its fixup; but
 * for memory that has run out: that ends the program in both cases. An address of the kernel's is like any
 * other that is not there. */
static bool page_fault(struct pt_regs *regs) {
    uint32_t esp = user_mode(regs) ? regs->esp : task_regs(current)->esp;
    enum fault_access access = access_of(regs);
    enum block_wait wait = user_mode(regs) ? BLOCK_SLEEP : BLOCK_HLT;
    enum fault_outcome outcome = FAULT_NO_AREA;

    if (regs->cr2 < PAGE_OFFSET) outcome = bring_in(regs->cr2, access, esp, wait);
    if (outcome == FAULT_MENDED) return true;
    /* It has lost its memory while it slept here. */
    if (user_mode(regs) && signal_ends_task()) return true;
    if (!user_mode(regs) && (outcome != FAULT_OUT_OF_MEMORY || !is_program(current))) return false;
    current->proc->fault.outcome = (uint8_t)outcome;
    current->proc->fault.access = (uint8_t)access;
    send(regs, signals[outcome].signal, signals[outcome].code, regs->cr2);
    return false;
}

/* ---- others ---- */

/* The x87's status word: the first error that is not masked (SDM 1 §8.5). */
static int32_t float_code(void) {
    static const int8_t codes[] = {FPE_FLTINV, FPE_FLTUND, FPE_FLTDIV, FPE_FLTOVF, FPE_FLTUND,
                                   FPE_FLTRES};
    uint32_t errors = fpu_errors();

    return errors ? codes[__builtin_ctz(errors)] : 0;
}

static void exception(struct pt_regs *regs) {
    switch (regs->vector) {
    case 0: send(regs, SIGFPE, FPE_INTDIV, regs->eip); return;
    case 1: send(regs, SIGTRAP, TRAP_TRACE, regs->eip); return;
    case VECTOR_BP: send(regs, SIGTRAP, SI_KERNEL, 0); return;
    case VECTOR_OF:
    case 5: send(regs, SIGSEGV, SI_KERNEL, 0); return; /* #BR */
    case 6: send(regs, SIGILL, ILL_ILLOPN, regs->eip); return;
    case VECTOR_NM:
        if (!fpu_first_use()) send(regs, SIGILL, ILL_ILLOPN, regs->eip);
        return;
    case VECTOR_NP:
    case VECTOR_SS: send(regs, SIGBUS, SI_KERNEL, 0); return;
    case 16:
    case 19: send(regs, SIGFPE, float_code(), regs->eip); return; /* #MF, #XM */
    case 17: send(regs, SIGBUS, BUS_ADRALN, 0); return;           /* #AC */
    default: send(regs, SIGSEGV, SI_KERNEL, 0); return;           /* #GP and what is new */
    }
}

static void send(const struct pt_regs *regs, unsigned signal, int32_t code, uint32_t address) {
    const struct siginfo info = {.signo = (int32_t)signal, .code = code, .address = address};
    struct user_fault *fault = &current->proc->fault;

    fault->vector = regs->vector;
    fault->error_code = regs->error_code;
    /* Whether there is a page at an address of the kernel's is not to be seen: as in Linux, there is. */
    if (regs->vector == VECTOR_PF && regs->cr2 >= PAGE_OFFSET) fault->error_code |= PF_PRESENT;
    fault->address = regs->cr2;
    fault->eip = task_regs(current)->eip; /* also when it is the kernel that has faulted for it */
    fault->signal = (uint8_t)signal;
    if (signal == SIGKILL) {
        user_fault_print();
        signal_kill(current->proc->signal, SIGKILL);
    } else {
        signal_force(&info);
    }
}

/* ---- the line ---- */

#define LINE_BYTES 200

/* Of the last program that was ended by a fault. */
static struct {
    char line[LINE_BYTES];
    struct pt_regs regs;
    struct user_fault fault;
} last;

static void add(const char *format, ...) PRINTF_LIKE(1, 2);
static void add(const char *format, ...) {
    size_t length = strlen(last.line);
    va_list args;

    va_start(args, format);
    vsnprintf(last.line + length, sizeof last.line - length, format, args);
    va_end(args);
}

static void add_area(const char *where, const struct vm_area_struct *area) {
    add("%s %08x-%08x %c%c%c%c", where, area->start, area->end, area->flags & VM_READ ? 'r' : '-',
        area->flags & VM_WRITE ? 'w' : '-', area->flags & VM_EXEC ? 'x' : '-',
        area->flags & VM_SHARED ? 's' : 'p');
}

/* The area that holds the address, or those on both sides of it. */
static void add_areas(uint32_t address) {
    const struct vm_area_struct *area = vma_find(current->mm, address);
    const struct vm_area_struct *below = area ? area->prev : NULL;

    if (area && area->start <= address) {
        add_area("; in", area);
        return;
    }
    if (!area)
        for (below = current->mm->first; below && below->next;) below = below->next;
    if (below) add_area("; above", below);
    if (area) add_area("; below", area);
}

static const char *const accesses[] = {"read of", "write to", "execution of"};

static void begin(void) {
    last.fault = current->proc->fault;
    last.regs = *task_regs(current);
    last.line[0] = 0;
    add("%s (pid %u): ", current->name, current->pid);
}

static void print(void) {
    console_fresh_line();
    printk("%s\n", last.line);
}

void user_fault_print(void) {
    const struct user_fault *fault = &last.fault;

    begin();
    if (fault->vector == VECTOR_PF) {
        add("%s: %s %08x at eip %08x", fault_outcome_name((enum fault_outcome)fault->outcome),
            accesses[fault->access], fault->address, fault->eip);
        add_areas(fault->address);
    } else {
        add("%s (%s), error code %x, at eip %08x", exception_name(fault->vector),
            exception_mnemonic(fault->vector), fault->error_code, fault->eip);
        add_areas(fault->eip);
    }
    print();
}

void user_fault_print_no_frame(unsigned signal) {
    begin();
    add("no room on its stack for the handler of signal %u, esp %08x", signal, last.regs.esp);
    add_areas(last.regs.esp);
    print();
}

/* ---- why ---- */

static const char *const meanings[FAULT_OUTCOMES] = {
    [FAULT_MENDED] = "",
    [FAULT_NULL_POINTER] = "The first 64 KB of every space stay empty, so that a null pointer, and a\n"
                           "field of a structure that is not there, faults instead of reading nonsense.\n",
    [FAULT_NO_AREA] = "No area of the program holds this address: nothing was ever mapped there, or it\n"
                      "was unmapped. Addresses of the kernel look the same from ring 3.\n",
    [FAULT_STACK_OVERFLOW] = "The stack grows by itself, down to its limit (ulimit -s), and not closer\n"
                             "than 1 MB to what is below it. Here it would have to grow further.\n",
    [FAULT_READ_ONLY] = "The area does not allow writing: code, constants, or memory of mprotect().\n",
    [FAULT_NOT_READABLE] = "The area allows nothing (PROT_NONE): it only keeps others from the place.\n",
    [FAULT_NOT_EXECUTABLE] = "The area does not allow execution, and the processor has NX: data and\n"
                             "stacks are not code.\n",
    [FAULT_BEYOND_FILE] = "The page lies behind the end of the file that is mapped there.\n",
    [FAULT_OUT_OF_MEMORY] = "No frame was left for this page.\n",
    [FAULT_SWAP_READ] = "The page was in a swap area, and the disk does not give it back (dmesg names\n"
                        "the slot). What was written there is lost; other programs go on.\n",
    [FAULT_FILE_READ] = "The page is of a file on a disk, and cannot be read: the disk says no, or the\n"
                        "file system is damaged there (dmesg tells).\n",
};

void user_fault_explain(void) {
    const struct pt_regs *regs = &last.regs;

    if (!last.line[0]) {
        printk("No program has been ended by a fault.\n");
        return;
    }
    printk("%s\n", last.line);
    printk("eax=%08x ebx=%08x ecx=%08x edx=%08x\n", regs->eax, regs->ebx, regs->ecx, regs->edx);
    printk("esi=%08x edi=%08x ebp=%08x esp=%08x\n", regs->esi, regs->edi, regs->ebp, regs->esp);
    printk("eip=%08x eflags=%08x cs=%04x ss=%04x ds=%04x gs=%04x\n", regs->eip, regs->eflags,
           regs->cs & 0xFFFF, regs->ss & 0xFFFF, regs->ds & 0xFFFF, regs->gs & 0xFFFF);
    if (last.fault.vector == VECTOR_PF) console_write(meanings[last.fault.outcome]);
}
