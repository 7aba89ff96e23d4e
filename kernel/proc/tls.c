/*
 * tls.c: the descriptors of threads (gdt.h draws a descriptor).
 */
#include <cpu/gdt.h>
#include <lib/errno.h>
#include <lib/irq.h>
#include <mm/uaccess.h>
#include <proc/task_private.h>
#include <proc/tls.h>

#define FLAG_32BIT 0x01u
#define FLAG_CONTENTS 0x06u /* 0: data, 1: data that grows down, 2 and 3: code */
#define FLAG_READ_ONLY 0x08u
#define FLAG_PAGES 0x10u
#define FLAG_NOT_PRESENT 0x20u
#define FLAG_USEABLE 0x40u

#define EMPTY_FLAGS (FLAG_READ_ONLY | FLAG_NOT_PRESENT)

#define ACCESS_DATA_RING3 0xF1u /* P = 1, DPL 3, S = 1, accessed */
#define ACCESS_WRITE 0x02u
#define ACCESS_DOWN 0x04u
#define HIGH_AVL 0x1u
#define HIGH_32BIT 0x4u
#define HIGH_PAGES 0x8u

/* Only data: no code segment but the kernel's own, and none of 16 bits, from which IRET would leave
 * the upper half of the kernel's ESP to ring 3. */
static bool is_allowed(const struct user_desc *desc) {
    return desc->flags & FLAG_32BIT && (desc->flags & FLAG_CONTENTS) >> 1 <= 1 &&
           !(desc->flags & FLAG_NOT_PRESENT) && desc->limit <= 0xFFFFF;
}

static bool is_empty(const struct user_desc *desc) {
    return !desc->base && !desc->limit && (desc->flags == EMPTY_FLAGS || !desc->flags);
}

static uint64_t encode(const struct user_desc *desc) {
    uint32_t flags = desc->flags, access = ACCESS_DATA_RING3, high = 0;

    if (is_empty(desc)) return 0;
    if (!(flags & FLAG_READ_ONLY)) access |= ACCESS_WRITE;
    if (flags & FLAG_CONTENTS) access |= ACCESS_DOWN;
    if (flags & FLAG_32BIT) high |= HIGH_32BIT;
    if (flags & FLAG_PAGES) high |= HIGH_PAGES;
    if (flags & FLAG_USEABLE) high |= HIGH_AVL;
    return (desc->limit & 0xFFFFu) | (uint64_t)(desc->base & 0xFFFFFFu) << 16 |
           (uint64_t)access << 40 | (uint64_t)(desc->limit >> 16) << 48 | (uint64_t)high << 52 |
           (uint64_t)(desc->base >> 24) << 56;
}

static void decode(uint64_t entry, struct user_desc *desc) {
    uint32_t access = (uint32_t)(entry >> 40) & 0xFF, high = (uint32_t)(entry >> 52) & 0xF;

    desc->base = ((uint32_t)(entry >> 16) & 0xFFFFFF) | (uint32_t)(entry >> 56) << 24;
    desc->limit = ((uint32_t)entry & 0xFFFF) | ((uint32_t)(entry >> 48) & 0xF) << 16;
    desc->flags = 0;
    if (!entry) desc->flags = EMPTY_FLAGS;
    else if (!(access & ACCESS_WRITE)) desc->flags |= FLAG_READ_ONLY;
    if (access & ACCESS_DOWN) desc->flags |= 1u << 1;
    if (high & HIGH_32BIT) desc->flags |= FLAG_32BIT;
    if (high & HIGH_PAGES) desc->flags |= FLAG_PAGES;
    if (high & HIGH_AVL) desc->flags |= FLAG_USEABLE;
}

int32_t tls_set(struct task *task, uint32_t user, bool choose) {
    struct user_desc desc;
    unsigned index;

    if (copy_from_user(&desc, user, sizeof desc)) return -EFAULT;
    if (!is_empty(&desc) && !is_allowed(&desc)) return -EINVAL;
    if (desc.entry == ~0u && choose) {
        for (index = 0; index < TLS_ENTRIES && task->proc->tls[index];) index++;
        if (index == TLS_ENTRIES) return -ESRCH;
        if (put_user(user, TLS_FIRST + index)) return -EFAULT;
    } else {
        index = desc.entry - TLS_FIRST;
        if (index >= TLS_ENTRIES) return -EINVAL;
    }
    task->proc->tls[index] = encode(&desc);
    if (task == current) {
        uint32_t eflags = irq_save();
        tls_load(task);
        irq_restore(eflags);
    }
    return 0;
}

int32_t tls_get(const struct task *task, uint32_t user) {
    struct user_desc desc;

    if (copy_from_user(&desc, user, sizeof desc)) return -EFAULT;
    if (desc.entry - TLS_FIRST >= TLS_ENTRIES) return -EINVAL;
    decode(task->proc->tls[desc.entry - TLS_FIRST], &desc);
    return copy_to_user(user, &desc, sizeof desc);
}

void tls_load(const struct task *task) {
    gdt_set_tls(task->proc->tls);
}
