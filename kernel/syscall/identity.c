/*
 * identity.c: users and groups (credentials(7)). The old calls have ids of 16 bits.
 */
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <proc/task_private.h>
#include <syscall/table.h>

#define KEEP 0xFFFFFFFFu
#define KEEP16 0xFFFFu
#define OVERFLOW_ID 65534u /* an id that has no 16 bits */

/* The three ids of a kind. */
struct ids {
    uint32_t *real, *effective, *saved;
};

static struct ids users(void) {
    return (struct ids){&current->uid, &current->euid, &current->suid};
}

static struct ids groups(void) {
    return (struct ids){&current->gid, &current->egid, &current->sgid};
}

static bool is_superuser(void) {
    return current->euid == 0;
}

static uint32_t wide(uint32_t id) {
    return (id & 0xFFFF) == KEEP16 ? KEEP : id & 0xFFFF;
}

static int32_t narrow(uint32_t id) {
    return (int32_t)(id > 0xFFFF ? OVERFLOW_ID : id);
}

/* Without the superuser's rights an id becomes one of the three only. */
static bool may_be(const struct ids *ids, uint32_t id) {
    return id == KEEP || is_superuser() || id == *ids->real || id == *ids->effective ||
           id == *ids->saved;
}

static void set(uint32_t *id, uint32_t value) {
    if (value != KEEP) *id = value;
}

static int32_t set_one(struct ids ids, uint32_t id) {
    if (id == KEEP) return -EINVAL;
    if (is_superuser()) {
        *ids.real = *ids.effective = *ids.saved = id;
        return 0;
    }
    if (id != *ids.real && id != *ids.saved) return -EPERM;
    *ids.effective = id;
    return 0;
}

static int32_t set_two(struct ids ids, uint32_t real, uint32_t effective) {
    if (real != KEEP && !is_superuser() && real != *ids.real && real != *ids.effective) return -EPERM;
    if (!may_be(&ids, effective)) return -EPERM;
    uint32_t real_before = *ids.real;
    set(ids.real, real);
    set(ids.effective, effective);
    if (real != KEEP || (effective != KEEP && effective != real_before)) *ids.saved = *ids.effective;
    return 0;
}

static int32_t set_three(struct ids ids, uint32_t real, uint32_t effective, uint32_t saved) {
    if (!may_be(&ids, real) || !may_be(&ids, effective) || !may_be(&ids, saved)) return -EPERM;
    set(ids.real, real);
    set(ids.effective, effective);
    set(ids.saved, saved);
    return 0;
}

static int32_t get_three(struct ids ids, const struct pt_regs *regs) {
    if (put_user(regs->ebx, *ids.real) || put_user(regs->ecx, *ids.effective)) return -EFAULT;
    return put_user(regs->edx, *ids.saved);
}

static int put16(uint32_t user, uint32_t id) {
    uint16_t value = (uint16_t)narrow(id);
    return copy_to_user(user, &value, sizeof value);
}

static int32_t get_three16(struct ids ids, const struct pt_regs *regs) {
    if (put16(regs->ebx, *ids.real) || put16(regs->ecx, *ids.effective)) return -EFAULT;
    return put16(regs->edx, *ids.saved);
}

#define GET(name, value)                                                                    \
    int32_t sys_##name(struct pt_regs *regs) {                                              \
        (void)regs;                                                                         \
        return (int32_t)(value);                                                            \
    }

GET(getuid32, current->uid)
GET(geteuid32, current->euid)
GET(getgid32, current->gid)
GET(getegid32, current->egid)
GET(getuid, narrow(current->uid))
GET(geteuid, narrow(current->euid))
GET(getgid, narrow(current->gid))
GET(getegid, narrow(current->egid))

int32_t sys_setuid32(struct pt_regs *regs) {
    return set_one(users(), regs->ebx);
}

int32_t sys_setgid32(struct pt_regs *regs) {
    return set_one(groups(), regs->ebx);
}

int32_t sys_setuid(struct pt_regs *regs) {
    return set_one(users(), wide(regs->ebx));
}

int32_t sys_setgid(struct pt_regs *regs) {
    return set_one(groups(), wide(regs->ebx));
}

int32_t sys_setreuid32(struct pt_regs *regs) {
    return set_two(users(), regs->ebx, regs->ecx);
}

int32_t sys_setregid32(struct pt_regs *regs) {
    return set_two(groups(), regs->ebx, regs->ecx);
}

int32_t sys_setreuid(struct pt_regs *regs) {
    return set_two(users(), wide(regs->ebx), wide(regs->ecx));
}

int32_t sys_setregid(struct pt_regs *regs) {
    return set_two(groups(), wide(regs->ebx), wide(regs->ecx));
}

int32_t sys_setresuid32(struct pt_regs *regs) {
    return set_three(users(), regs->ebx, regs->ecx, regs->edx);
}

int32_t sys_setresgid32(struct pt_regs *regs) {
    return set_three(groups(), regs->ebx, regs->ecx, regs->edx);
}

int32_t sys_setresuid(struct pt_regs *regs) {
    return set_three(users(), wide(regs->ebx), wide(regs->ecx), wide(regs->edx));
}

int32_t sys_setresgid(struct pt_regs *regs) {
    return set_three(groups(), wide(regs->ebx), wide(regs->ecx), wide(regs->edx));
}

int32_t sys_getresuid32(struct pt_regs *regs) {
    return get_three(users(), regs);
}

int32_t sys_getresgid32(struct pt_regs *regs) {
    return get_three(groups(), regs);
}

int32_t sys_getresuid(struct pt_regs *regs) {
    return get_three16(users(), regs);
}

int32_t sys_getresgid(struct pt_regs *regs) {
    return get_three16(groups(), regs);
}

/* The ids that files are looked at with are the effective ones. The answer is the one before. */
int32_t sys_setfsuid32(struct pt_regs *regs) {
    (void)regs;
    return (int32_t)current->euid;
}

int32_t sys_setfsgid32(struct pt_regs *regs) {
    (void)regs;
    return (int32_t)current->egid;
}

/* There are no supplementary groups. */
int32_t sys_getgroups32(struct pt_regs *regs) {
    return (int32_t)regs->ebx < 0 ? -EINVAL : 0;
}

int32_t sys_getgroups(struct pt_regs *regs) {
    return sys_getgroups32(regs);
}

int32_t sys_setgroups32(struct pt_regs *regs) {
    if (!is_superuser()) return -EPERM;
    return regs->ebx > 65536 ? -EINVAL : 0;
}

int32_t sys_setgroups(struct pt_regs *regs) {
    return sys_setgroups32(regs);
}

#define CAPABILITY_VERSION_3 0x20080522u
#define ALL_CAPABILITIES 0xFFFFFFFFu

/* The superuser has all, others none. */
int32_t sys_capget(struct pt_regs *regs) {
    uint32_t version, data[6] = {0};

    if (get_user(&version, regs->ebx)) return -EFAULT;
    if (version != CAPABILITY_VERSION_3) {
        if (put_user(regs->ebx, CAPABILITY_VERSION_3)) return -EFAULT;
        return regs->ecx ? -EINVAL : 0;
    }
    if (!regs->ecx) return 0;
    if (is_superuser()) data[0] = data[1] = ALL_CAPABILITIES;
    return copy_to_user(regs->ecx, data, sizeof data);
}
