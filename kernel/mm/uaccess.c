/*
 * uaccess.c: the kernel's own accesses to user memory: a handful of instructions, each in the table
 * of those that may fault (cpu/fixup.h). A fault of one of them goes to fault.c like the program's
 * own; if that cannot mend it, the kernel goes on at the fixup, and the registers tell how far it
 * got.
 *
 * EFLAGS.AC = 1 lets ring 0 touch user pages while SMAP is on (SDM 3A §4.6).
 */
#include <ascent/layout.h>
#include <cpu/fixup.h>
#include <cpu/setup.h>
#include <lib/errno.h>
#include <mm/uaccess.h>

static inline void open_gate(void) {
    if (smap_is_on) __asm__ volatile("stac" : : : "memory");
}

static inline void close_gate(void) {
    if (smap_is_on) __asm__ volatile("clac" : : : "memory");
}

bool access_ok(uint32_t user, size_t bytes) {
    return bytes <= PAGE_OFFSET && user <= PAGE_OFFSET - bytes;
}

/* Four bytes at a time, then the rest: at a fault in the first part, ECX dwords and the rest are
 * left; in the second, ECX bytes. */
static size_t copy(uint32_t to, uint32_t from, size_t bytes) {
    uint32_t left = bytes / 4, rest = bytes % 4;

    open_gate();
    __asm__ volatile("1: rep movsl\n\t"
                     "movl %[rest], %%ecx\n\t"
                     "2: rep movsb\n\t"
                     "jmp 4f\n\t"
                     "3: leal (%[rest], %%ecx, 4), %%ecx\n\t"
                     "4:\n\t" FIXUP(1b, 3b) FIXUP(2b, 4b)
                     : "+c"(left), "+D"(to), "+S"(from)
                     : [rest] "r"(rest)
                     : "memory");
    close_gate();
    return left;
}

size_t copy_from_user_left(void *to, uint32_t user, size_t bytes) {
    return access_ok(user, bytes) ? copy((uint32_t)to, user, bytes) : bytes;
}

size_t copy_to_user_left(uint32_t user, const void *from, size_t bytes) {
    return access_ok(user, bytes) ? copy(user, (uint32_t)from, bytes) : bytes;
}

size_t clear_user_left(uint32_t user, size_t bytes) {
    uint32_t left = bytes / 4, rest = bytes % 4, to = user;

    if (!access_ok(user, bytes)) return bytes;
    open_gate();
    __asm__ volatile("1: rep stosl\n\t"
                     "movl %[rest], %%ecx\n\t"
                     "2: rep stosb\n\t"
                     "jmp 4f\n\t"
                     "3: leal (%[rest], %%ecx, 4), %%ecx\n\t"
                     "4:\n\t" FIXUP(1b, 3b) FIXUP(2b, 4b)
                     : "+c"(left), "+D"(to)
                     : [rest] "r"(rest), "a"(0)
                     : "memory");
    close_gate();
    return left;
}

int copy_from_user(void *to, uint32_t user, size_t bytes) {
    return copy_from_user_left(to, user, bytes) ? -EFAULT : 0;
}

int copy_to_user(uint32_t user, const void *from, size_t bytes) {
    return copy_to_user_left(user, from, bytes) ? -EFAULT : 0;
}

/* Copies bytes until one is 0 or `most` are copied. Answers how many; at a fault, -EFAULT. */
static int32_t copy_string(char *to, uint32_t user, uint32_t most) {
    uint32_t left = most;
    int32_t error = 0;

    open_gate();
    __asm__ volatile("1: lodsb\n\t"
                     "stosb\n\t"
                     "testb %%al, %%al\n\t"
                     "jz 3f\n\t"
                     "decl %%ecx\n\t"
                     "jnz 1b\n\t"
                     "jmp 3f\n\t"
                     "2: movl %[fault], %[error]\n\t"
                     "3:\n\t" FIXUP(1b, 2b)
                     : "+c"(left), "+D"(to), "+S"(user), [error] "+r"(error)
                     : [fault] "i"(-EFAULT)
                     : "eax", "memory");
    close_gate();
    return error ? error : (int32_t)(most - left);
}

/* A string may end just below the kernel: only then does it matter that no more can be read. */
int strncpy_from_user(char *to, uint32_t user, size_t size) {
    uint32_t most = user < PAGE_OFFSET ? PAGE_OFFSET - user : 0;
    bool whole = most >= size;

    if (size == 0) return -ENAMETOOLONG;
    if (most == 0) return -EFAULT;
    if (whole) most = size;
    int32_t length = copy_string(to, user, most);
    if (length < (int32_t)most) return length;
    return whole ? -ENAMETOOLONG : -EFAULT;
}
