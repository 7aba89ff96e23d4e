/*
 * signal_frame.c: what lies on the user's stack while a handler runs: all that is needed to go on
 * where the signal came, in Linux's layout (uapi/asm/sigcontext.h, asm/ucontext.h; the frames are
 * those of arch/x86/include/asm/sigframe.h). Programs read and change it.
 *
 *   ESP at the handler ->  return address: to code that calls sigreturn()
 *                          signal number
 *                          struct sigframe: registers       struct rt_sigframe: siginfo, ucontext
 *                          FPU state, if there is any
 *   ESP at the signal  ->
 */
#include <cpu/gdt.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include <proc/fpu.h>
#include <proc/task_private.h>
#include <syscall/syscall.h>

struct sigcontext {
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
    uint32_t trapno, err;
    uint32_t eip, cs, eflags, esp_at_signal, ss;
    uint32_t fpstate; /* user address; 0: the FPU was not in use */
    uint32_t oldmask; /* signals 1 to 32 */
    uint32_t cr2;
};

struct sigframe {
    uint32_t return_address, signo;
    struct sigcontext context;
    uint8_t fpstate_unused[FPU_FRAME_BYTES];
    uint32_t extramask; /* signals 33 to 64 */
    uint8_t code[8];
};

struct ucontext {
    uint32_t flags, link;
    uint32_t stack, stack_flags, stack_bytes; /* stack_t */
    struct sigcontext context;
    sigset_t mask;
};
_Static_assert(sizeof(struct ucontext) == 116, "uapi/asm-generic/ucontext.h");

struct rt_sigframe {
    uint32_t return_address, signo;
    uint32_t info_address, ucontext_address;
    struct siginfo info;
    uint8_t info_rest[SIGINFO_BYTES - sizeof(struct siginfo)];
    struct ucontext ucontext;
    uint8_t code[8];
};

/* Bits of EFLAGS that a program may choose (Linux: FIX_EFLAGS). */
#define EFLAGS_TF 0x00000100u
#define EFLAGS_DF 0x00000400u
#define EFLAGS_RF 0x00010000u
#define EFLAGS_USER 0x00050DD5u /* AC RF OF DF TF SF ZF AF PF CF */

/* popl %eax; movl $sigreturn, %eax; int $0x80 */
static const uint8_t sigreturn_code[8] = {0x58, 0xB8, 119, 0, 0, 0, 0xCD, 0x80};
/* movl $rt_sigreturn, %eax; int $0x80 */
static const uint8_t rt_sigreturn_code[8] = {0xB8, 173, 0, 0, 0, 0xCD, 0x80, 0};

static void save_registers(struct sigcontext *context, const struct pt_regs *regs,
                           sigset_t blocked, uint32_t fpstate);

/* ---- push ---- */

static bool on_altstack(uint32_t esp) {
    const struct task_private *me = current->proc;
    return esp > me->altstack && esp - me->altstack <= me->altstack_bytes;
}

/* Where the frame goes: so that ESP + 4 is a multiple of 16 at the handler's first instruction, as
 * after a call (System V ABI i386). 0: the alternative stack is full. */
static uint32_t place(const struct pt_regs *regs, const struct sigaction *action, uint32_t bytes,
                      uint32_t *fpstate) {
    const struct task_private *me = current->proc;
    uint32_t esp = regs->esp;
    bool was_on = on_altstack(esp);

    if (action->flags & SA_ONSTACK && me->altstack_bytes && !was_on)
        esp = me->altstack + me->altstack_bytes;
    *fpstate = 0;
    if (me->fpu) *fpstate = esp = (esp - FPU_FRAME_BYTES) & ~63u;
    esp = ((esp - bytes + 4) & ~15u) - 4;
    return was_on && !on_altstack(esp) ? 0 : esp;
}

static bool push(uint32_t frame, const struct sigaction *action, const struct siginfo *info,
                 sigset_t blocked, uint32_t fpstate, const struct pt_regs *regs) {
    struct sigframe image = {
        .return_address = action->restorer,
        .signo = (uint32_t)info->signo,
        .extramask = (uint32_t)(blocked >> 32),
    };

    if (!(action->flags & SA_RESTORER))
        image.return_address = frame + (uint32_t)__builtin_offsetof(struct sigframe, code);
    memcpy(image.code, sigreturn_code, sizeof image.code);
    save_registers(&image.context, regs, blocked, fpstate);
    return copy_to_user(frame, &image, sizeof image) == 0;
}

static bool rt_push(uint32_t frame, const struct sigaction *action, const struct siginfo *info,
                    sigset_t blocked, uint32_t fpstate, const struct pt_regs *regs) {
    const struct task_private *me = current->proc;
    struct rt_sigframe image = {
        .return_address = action->restorer,
        .signo = (uint32_t)info->signo,
        .info_address = frame + (uint32_t)__builtin_offsetof(struct rt_sigframe, info),
        .ucontext_address = frame + (uint32_t)__builtin_offsetof(struct rt_sigframe, ucontext),
        .info = *info,
        .ucontext = {.stack = me->altstack, .stack_bytes = me->altstack_bytes, .mask = blocked},
    };

    image.ucontext.stack_flags = !me->altstack_bytes       ? SS_DISABLE
                                 : on_altstack(regs->esp) ? SS_ONSTACK
                                                          : 0;
    if (!(action->flags & SA_RESTORER))
        image.return_address = frame + (uint32_t)__builtin_offsetof(struct rt_sigframe, code);
    memcpy(image.code, rt_sigreturn_code, sizeof image.code);
    save_registers(&image.ucontext.context, regs, blocked, fpstate);
    return copy_to_user(frame, &image, sizeof image) == 0;
}

bool signal_frame_push(struct pt_regs *regs, const struct sigaction *action,
                       const struct siginfo *info, sigset_t blocked) {
    bool rt = action->flags & SA_SIGINFO;
    uint32_t fpstate;
    uint32_t frame =
        place(regs, action, rt ? sizeof(struct rt_sigframe) : sizeof(struct sigframe), &fpstate);

    if (!frame || (fpstate && !fpu_to_user(fpstate))) return false;
    if (!(rt ? rt_push : push)(frame, action, info, blocked, fpstate, regs)) return false;
    regs->esp = frame;
    regs->eip = action->handler;
    regs->eax = (uint32_t)info->signo; /* for handlers compiled with register arguments */
    regs->edx = regs->ecx = 0;
    if (rt) {
        regs->edx = frame + (uint32_t)__builtin_offsetof(struct rt_sigframe, info);
        regs->ecx = frame + (uint32_t)__builtin_offsetof(struct rt_sigframe, ucontext);
    }
    regs->cs = USER_CS;
    regs->ds = regs->es = regs->ss = USER_DS;
    regs->eflags &= ~(EFLAGS_DF | EFLAGS_RF | EFLAGS_TF);
    return true;
}

static void save_registers(struct sigcontext *context, const struct pt_regs *regs,
                           sigset_t blocked, uint32_t fpstate) {
    const struct user_fault *fault = &current->proc->fault;

    *context = (struct sigcontext){
        .gs = regs->gs & 0xFFFF, .fs = regs->fs & 0xFFFF, .es = regs->es & 0xFFFF,
        .ds = regs->ds & 0xFFFF, .edi = regs->edi, .esi = regs->esi, .ebp = regs->ebp,
        .esp = regs->esp, .ebx = regs->ebx, .edx = regs->edx, .ecx = regs->ecx,
        .eax = regs->eax, .trapno = fault->vector, .err = fault->error_code, .eip = regs->eip,
        .cs = regs->cs & 0xFFFF, .eflags = regs->eflags, .esp_at_signal = regs->esp,
        .ss = regs->ss & 0xFFFF, .fpstate = fpstate, .oldmask = (uint32_t)blocked,
        .cr2 = fault->address,
    };
}

/* ---- pop ---- */

/* Selectors get ring 3, flags what a program may have: the frame is the program's to write. What the
 * processor refuses even so, isr.asm catches. */
static bool restore_registers(struct pt_regs *regs, const struct sigcontext *context) {
    regs->gs = context->gs & 0xFFFF;
    regs->fs = context->fs & 0xFFFF;
    regs->es = context->es & 0xFFFF;
    regs->ds = context->ds & 0xFFFF;
    regs->edi = context->edi;
    regs->esi = context->esi;
    regs->ebp = context->ebp;
    regs->ebx = context->ebx;
    regs->edx = context->edx;
    regs->ecx = context->ecx;
    regs->eax = context->eax;
    regs->eip = context->eip;
    regs->esp = context->esp;
    regs->cs = (context->cs & 0xFFFF) | 3;
    regs->ss = (context->ss & 0xFFFF) | 3;
    regs->eflags = (regs->eflags & ~EFLAGS_USER) | (context->eflags & EFLAGS_USER);
    regs->error_code = SYSCALL_NONE; /* EAX is no call's answer */
    return fpu_from_user(context->fpstate);
}

bool signal_frame_pop(struct pt_regs *regs, bool rt) {
    /* The handler's RET has taken the return address off, and the code of sigreturn() the number. */
    uint32_t frame = regs->esp - (rt ? 4 : 8);
    struct sigcontext context;
    sigset_t blocked;
    uint32_t high;

    if (rt) {
        struct ucontext ucontext;
        uint32_t at = frame + (uint32_t)__builtin_offsetof(struct rt_sigframe, ucontext);
        if (copy_from_user(&ucontext, at, sizeof ucontext)) return false;
        context = ucontext.context;
        blocked = ucontext.mask;
        if (!on_altstack(context.esp)) {
            bool off = ucontext.stack_flags & SS_DISABLE;
            current->proc->altstack = off ? 0 : ucontext.stack;
            current->proc->altstack_bytes = off ? 0 : ucontext.stack_bytes;
        }
    } else {
        uint32_t at = frame + (uint32_t)__builtin_offsetof(struct sigframe, context);
        if (copy_from_user(&context, at, sizeof context)) return false;
        if (get_user(&high, frame + (uint32_t)__builtin_offsetof(struct sigframe, extramask)))
            return false;
        blocked = context.oldmask | (sigset_t)high << 32;
    }
    signal_block(blocked);
    return restore_registers(regs, &context);
}

int siginfo_to_user(uint32_t user, const struct siginfo *info) {
    uint8_t whole[SIGINFO_BYTES] = {0};

    memcpy(whole, info, sizeof *info);
    return copy_to_user(user, whole, sizeof whole);
}
