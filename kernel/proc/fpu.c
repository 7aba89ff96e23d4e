/*
 * fpu.c: the registers of the x87, MMX and SSE (SDM 1 §8, §10; SDM 3A §2.5, §13).
 */
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <proc/fpu.h>
#include <proc/task_private.h>

#define CR4_OSFXSR 0x00000200u     /* FXSAVE saves SSE, and SSE may be used */
#define CR4_OSXMMEXCPT 0x00000400u /* its errors are #XM */
#define CONTROL_DEFAULT 0x037Fu    /* of the x87, as FNINIT sets it */
#define MXCSR_DEFAULT 0x1F80u
#define MXCSR_MASK_DEFAULT 0xFFBFu /* where FXSAVE says 0 (SDM 1 §11.6.6) */

/* FXSAVE's image (SDM 1 table 10-2), or FNSAVE's, which has 108 bytes. */
struct fpu_state {
    uint16_t control, status, tag, opcode;
    uint32_t eip, cs, data, ds;
    uint32_t mxcsr, mxcsr_mask;
    uint8_t registers[480];
} __attribute__((aligned(16)));
_Static_assert(sizeof(struct fpu_state) == 512, "SDM 1 table 10-2");

#define FNSAVE_BYTES 108
#define FRAME_FXSAVE 112 /* where FXSAVE's image lies in a signal frame */
#define FRAME_MAGIC_FXSAVE 0x0000
#define FRAME_MAGIC_NONE 0xFFFF

static bool there_is_one;
static struct fpu_state initial;
static uint32_t mxcsr_mask = MXCSR_MASK_DEFAULT;
static struct kmem_cache *states;

static inline void set_ts(void) {
    write_cr0(read_cr0() | CR0_TS);
}

static inline void clear_ts(void) {
    __asm__ volatile("clts");
}

/* A processor without one leaves the word alone (SDM 3A §9.2). */
static bool find(void) {
    uint16_t status = 0x5A5A;

    write_cr0(read_cr0() & ~(CR0_EM | CR0_TS));
    __asm__ volatile("fninit; fnstsw %0" : "+m"(status));
    return status == 0;
}

static void save(struct fpu_state *state) {
    if (cpu.fxsr) __asm__ volatile("fxsave %0" : "=m"(*state));
    else __asm__ volatile("fnsave %0; fwait" : "=m"(*state)); /* which forgets them, too */
}

/* An error that whoever was there before has left pending would be reported to FRSTOR, in ring 0 (SDM 2A,
 * FRSTOR: #MF). */
static void load(const struct fpu_state *state) {
    if (cpu.fxsr) __asm__ volatile("fxrstor %0" : : "m"(*state));
    else __asm__ volatile("fnclex; frstor %0" : : "m"(*state));
}

void fpu_init(void) {
    there_is_one = find();
    states = kmem_cache_create("fpu", sizeof(struct fpu_state), 16, NULL);
    if (there_is_one) {
        if (cpu.fxsr)
            write_cr4(read_cr4() | CR4_OSFXSR | (cpu.sse ? CR4_OSXMMEXCPT : 0));
        save(&initial);
        if (cpu.fxsr && initial.mxcsr_mask) mxcsr_mask = initial.mxcsr_mask;
    } else {
        write_cr0(read_cr0() | CR0_EM);
    }
    set_ts();
}

bool fpu_first_use(void) {
    struct task_private *me = current->proc;

    if (!there_is_one || me->fpu || !states) return false;
    me->fpu = kmem_cache_alloc(states, GFP_KERNEL);
    if (!me->fpu) return false;
    clear_ts();
    load(&initial);
    return true;
}

void fpu_switch(const struct task *from, const struct task *to) {
    if (from->proc->fpu) save(from->proc->fpu);
    if (to->proc->fpu) {
        if (!from->proc->fpu) clear_ts();
        load(to->proc->fpu);
    } else if (from->proc->fpu) {
        set_ts();
    }
}

void fpu_put_aside(void) {
    if (current->proc->fpu) save(current->proc->fpu);
}

void fpu_take_back(void) {
    if (current->proc->fpu) load(current->proc->fpu);
}

bool fpu_fork(struct task *child) {
    const struct task_private *me = current->proc;

    if (!me->fpu) return true;
    child->proc->fpu = kmem_cache_alloc(states, GFP_KERNEL);
    if (!child->proc->fpu) return false;
    save(child->proc->fpu);
    if (!cpu.fxsr) load(child->proc->fpu);
    return true;
}

void fpu_free(struct task *child) {
    if (child->proc->fpu) kmem_cache_free(states, child->proc->fpu);
    child->proc->fpu = NULL;
}

void fpu_drop(void) {
    uint32_t eflags = irq_save();
    struct fpu_state *state = current->proc->fpu;

    current->proc->fpu = NULL;
    if (state) {
        set_ts();
        kmem_cache_free(states, state);
    }
    irq_restore(eflags);
}

uint32_t fpu_errors(void) {
    struct fpu_state *state = current->proc->fpu;

    if (!state) return 0;
    save(state);
    if (!cpu.fxsr) load(state);
    uint32_t errors = state->status & ~state->control & 0x3F;
    if (!errors && cpu.sse) errors = state->mxcsr & ~(state->mxcsr >> 7) & 0x3F;
    return errors;
}

/* Copies to and from user memory may block, and then others save to the task's own state: so they use
 * one of their own. */
bool fpu_to_user(uint32_t user) {
    struct fpu_state state;
    uint32_t magic = cpu.fxsr ? FRAME_MAGIC_FXSAVE : FRAME_MAGIC_NONE;
    uint8_t old[FNSAVE_BYTES + 4] = {0};

    save(current->proc->fpu);
    state = *current->proc->fpu;
    if (cpu.fxsr) __asm__ volatile("fnsave %0" : "=m"(old) : : "memory");
    else memcpy(old, &state, FNSAVE_BYTES);
    uint32_t status_and_magic = *(uint16_t *)(old + 4) | magic << 16;
    memcpy(old + FNSAVE_BYTES, &status_and_magic, sizeof status_and_magic);
    load(&initial);
    if (copy_to_user(user, old, sizeof old)) return false;
    return !cpu.fxsr || !copy_to_user(user + FRAME_FXSAVE, &state, sizeof state);
}

/* FXRSTOR refuses bits of MXCSR that the processor does not have: the frame is the program's. */
bool fpu_from_user(uint32_t user) {
    struct fpu_state state;

    if (!user) {
        fpu_drop();
        return true;
    }
    if (cpu.fxsr ? copy_from_user(&state, user + FRAME_FXSAVE, sizeof state)
                 : copy_from_user(&state, user, FNSAVE_BYTES))
        return false;
    if (!current->proc->fpu && !fpu_first_use()) return false;
    if (cpu.fxsr) state.mxcsr &= mxcsr_mask;
    memcpy(current->proc->fpu, &state, cpu.fxsr ? sizeof state : FNSAVE_BYTES);
    load(current->proc->fpu);
    return true;
}
