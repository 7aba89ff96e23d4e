/*
 * fault.c: the command fault: a gallery of everything that can go wrong, each to be had by name.
 */
#include <lib/printk.h>
#include <lib/string.h>
#include <monitor/commands.h>
#include <monitor/fault.h>

struct fault {
    const char *name;
    const char *what; /* exception, and how it comes about */
    void (*provoke)(void);
};

static const struct fault faults[] = {
    {"de", "#DE 0: divide by zero", provoke_de},
    {"db", "#DB 1: single step, EFLAGS.TF = 1", provoke_db},
    {"bp", "#BP 3: int3, a debugger's breakpoint", provoke_bp},
    {"of", "#OF 4: INTO after a signed overflow", provoke_of},
    {"br", "#BR 5: BOUND, an index outside its array", provoke_br},
    {"ud", "#UD 6: UD2, an instruction that is none", provoke_ud},
    {"nm", "#NM 7: floating point while CR0.TS = 1", provoke_nm},
    {"df", "#DF 8: a fault, with no stack to report it on", provoke_df},
    {"ts", "#TS 10: IRET with EFLAGS.NT = 1 and no task to return to", provoke_ts},
    {"np", "#NP 11: load a segment that is not present", provoke_np},
    {"ss", "#SS 12: load SS with a segment that is not present", provoke_ss},
    {"gp", "#GP 13: load a selector beyond the limit of the GDT", provoke_gp},
    {"gate", "#GP 13: INT through a vector that has no gate", provoke_gate},
    {"null-selector", "#GP 13: read by a null FS. QEMU does not check: #PF there",
     provoke_null_selector},
    {"limit", "#GP 13: read behind a segment's limit. QEMU does not check: #PF there",
     provoke_limit},
    {"pf-read", "#PF 14: read where nothing is mapped", provoke_pf_read},
    {"pf-write", "#PF 14: write where nothing is mapped", provoke_pf_write},
    {"pf-exec", "#PF 14: execute data. Needs NX: PAE, and a processor that has it",
     provoke_pf_exec},
    {"pf-jump", "#PF 14: call to where nothing is mapped", provoke_pf_jump},
    {"pf-null", "#PF 14: read through a null pointer", provoke_pf_null},
    {"pf-reserved", "#PF 14: a reserved bit in a page-table entry. Needs PAE",
     provoke_pf_reserved},
    {"wp", "#PF 14: write to .rodata; CR0.WP stops ring 0 too", provoke_wp},
    {"text", "#PF 14: write to .text", provoke_text},
    {"vmalloc", "#PF 14: write one byte past a vmalloc area", provoke_vmalloc},
    {"mf", "#MF 16: x87 division by zero, unmasked", provoke_mf},
    {"stack-overflow", "#DF 8: recursion without end, into the guard page",
     provoke_stack_overflow},
    {"task-stack", "#DF 8: the same on another stack, which the report names",
     provoke_task_stack},
    {"panic", "none: the kernel gives up by itself", provoke_panic},
};

#define FAULTS (sizeof faults / sizeof faults[0])

static void list_faults(void) {
    for (unsigned i = 0; i < FAULTS; i++) printk("  %-14s %s\n", faults[i].name, faults[i].what);
}

bool command_fault(int argc, char **argv) {
    if (argc == 1) {
        list_faults();
        return true;
    }
    for (unsigned i = 0; i < FAULTS; i++) {
        if (strcmp(faults[i].name, argv[1]) != 0) continue;
        printk("fault %s: %s\n", faults[i].name, faults[i].what);
        faults[i].provoke();
        printk("fault %s: nothing happened on this machine\n", faults[i].name);
        return true;
    }
    printk("no fault %s; 'fault' lists them\n", argv[1]);
    return true;
}
