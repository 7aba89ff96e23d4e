/*
 * system.c: system calls about the machine, and those that have one answer.
 */
#include <cpu/cpuid.h>
#include <dev/pit.h>
#include <dev/power.h>
#include <lib/errno.h>
#include <lib/log.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/swap.h>
#include <mm/uaccess.h>
#include <proc/clock.h>
#include <proc/exec.h>
#include <proc/load.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <syscall/table.h>

/* ---- what it is ---- */

#define NAME_BYTES 65

/* uname() says what programs have to know: that they can expect Linux's calls, of this version. */
static struct {
    char sysname[NAME_BYTES], nodename[NAME_BYTES], release[NAME_BYTES], version[NAME_BYTES],
        machine[NAME_BYTES], domainname[NAME_BYTES];
} name = {"Linux", "ascent", "6.1.0-ascent", "#1 Ascent", "i686", "(none)"};

int32_t sys_uname(struct pt_regs *regs) {
    return copy_to_user(regs->ebx, &name, sizeof name);
}

static int32_t set_name(char *to, uint32_t user, uint32_t bytes) {
    char text[NAME_BYTES] = "";

    if (current->euid) return -EPERM;
    if (bytes >= NAME_BYTES) return -EINVAL;
    if (copy_from_user(text, user, bytes)) return -EFAULT;
    memcpy(to, text, NAME_BYTES);
    return 0;
}

int32_t sys_sethostname(struct pt_regs *regs) {
    return set_name(name.nodename, regs->ebx, regs->ecx);
}

int32_t sys_setdomainname(struct pt_regs *regs) {
    return set_name(name.domainname, regs->ebx, regs->ecx);
}

/* struct sysinfo (sysinfo(2)). */
struct sysinfo {
    uint32_t uptime, loads[3];
    uint32_t total_ram, free_ram, shared_ram, buffer_ram, total_swap, free_swap;
    uint16_t processes, padding;
    uint32_t total_high, free_high, unit;
    uint8_t rest[8];
};
_Static_assert(sizeof(struct sysinfo) == 64, "uapi/linux/sysinfo.h");

int32_t sys_sysinfo(struct pt_regs *regs) {
    struct sysinfo info = {
        .uptime = jiffies / HZ,
        .processes = (uint16_t)task_count(),
        .unit = PAGE_SIZE, /* so that 64 GB have a number */
    };

    for (unsigned i = 0; i < 3; i++) info.loads[i] = load_average(i) << (16 - LOAD_SHIFT);
    for (unsigned owner = 0; owner < OWNERS; owner++)
        info.total_ram += pages_of((enum page_owner)owner);
    info.free_ram = pages_of(OWNER_FREE);
    info.shared_ram = pages_of(OWNER_SHMEM);
    info.total_swap = swap_total();
    info.free_swap = swap_free();
    return copy_to_user(regs->ebx, &info, sizeof info);
}

/* ---- random bytes ---- */

#define GRND_ALL 7u
#define CHUNK_WORDS 16u

int32_t sys_getrandom(struct pt_regs *regs) {
    uint32_t words[CHUNK_WORDS], done = 0, bytes = regs->ecx;

    if (regs->edx & ~GRND_ALL) return -EINVAL;
    if (bytes > INT32_MAX) bytes = INT32_MAX;
    while (done < bytes) {
        uint32_t part = bytes - done < sizeof words ? bytes - done : sizeof words;
        for (unsigned i = 0; i < CHUNK_WORDS; i++) words[i] = exec_random();
        if (copy_to_user(regs->ebx + done, words, part)) return done ? (int32_t)done : -EFAULT;
        done += part;
        if (signal_pending()) break;
    }
    return (int32_t)done;
}

/* ---- the whole machine ---- */

#define REBOOT_MAGIC1 0xFEE1DEADu
#define REBOOT_MAGIC2 672274793u
#define REBOOT_CAD_OFF 0u
#define REBOOT_CAD_ON 0x89ABCDEFu
#define REBOOT_HALT 0xCDEF0123u
#define REBOOT_POWER_OFF 0x4321FEDCu
#define REBOOT_RESTART 0x01234567u

int32_t sys_reboot(struct pt_regs *regs) {
    if (current->euid) return -EPERM;
    if (regs->ebx != REBOOT_MAGIC1 || (regs->ecx != REBOOT_MAGIC2 && regs->ecx != 85072278u &&
                                       regs->ecx != 369367448u && regs->ecx != 537993216u))
        return -EINVAL;
    switch (regs->edx) {
    case REBOOT_CAD_OFF:
    case REBOOT_CAD_ON: return 0;
    case REBOOT_RESTART: power_reboot();
    case REBOOT_HALT:
    case REBOOT_POWER_OFF: power_off();
    default: return -EINVAL;
    }
}

/* ---- the log: syslog(2) ---- */

#define SYSLOG_READ_ALL 3
#define SYSLOG_READ_CLEAR 4
#define SYSLOG_SIZE_UNREAD 9
#define SYSLOG_SIZE_BUFFER 10

/* The newest that fits. */
static int32_t read_log(uint32_t user, int32_t bytes) {
    uint32_t length = log_length(), count = length < (uint32_t)bytes ? length : (uint32_t)bytes;

    if (bytes < 0) return -EINVAL;
    for (uint32_t i = 0; i < count; i++) {
        char c = log_at(length - count + i);
        if (copy_to_user(user + i, &c, 1)) return -EFAULT;
    }
    return (int32_t)count;
}

/* Nothing is ever taken out, and the console's level is fixed. */
int32_t sys_syslog(struct pt_regs *regs) {
    switch (regs->ebx) {
    case SYSLOG_READ_ALL:
    case SYSLOG_READ_CLEAR: return read_log(regs->ecx, (int32_t)regs->edx);
    case SYSLOG_SIZE_UNREAD: return (int32_t)log_length();
    case SYSLOG_SIZE_BUFFER: return (int32_t)LOG_BYTES;
    default: return regs->ebx < SYSLOG_SIZE_BUFFER ? 0 : -EINVAL;
    }
}

/* ---- what Ascent does not have ---- */

/* No sockets. */
int32_t sys_socket(struct pt_regs *regs) {
    (void)regs;
    return -EAFNOSUPPORT;
}

int32_t sys_socketpair(struct pt_regs *regs) {
    (void)regs;
    return -EAFNOSUPPORT;
}

/* The call of old that all socket functions go through: 1 is socket(), 8 is socketpair(); without
 * either there is no descriptor for the others. */
int32_t sys_socketcall(struct pt_regs *regs) {
    if (regs->ebx < 1 || regs->ebx > 20) return -EINVAL;
    return regs->ebx == 1 || regs->ebx == 8 ? -EAFNOSUPPORT : -ENOTSOCK;
}

#define MEMBARRIER_QUERY 0

/* Which kinds of barrier there are: none, as with one processor nobody needs one. */
int32_t sys_membarrier(struct pt_regs *regs) {
    return regs->ebx == MEMBARRIER_QUERY && regs->ecx == 0 ? 0 : -EINVAL;
}

/* C libraries try these, and have another way: rseq, clone3, modify_ldt. */
int32_t sys_rseq(struct pt_regs *regs) {
    (void)regs;
    return -ENOSYS;
}

int32_t sys_clone3(struct pt_regs *regs) {
    (void)regs;
    return -ENOSYS;
}

int32_t sys_modify_ldt(struct pt_regs *regs) {
    (void)regs;
    return -ENOSYS;
}
