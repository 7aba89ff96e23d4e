/*
 * memory.c: the system calls about the address space of the caller: arguments out of the registers,
 * and into mm/. What they do is in mm_struct.h; numbers and structures are those of Linux i386.
 */
#include <fs/file.h>
#include <lib/errno.h>
#include <mm/mm_struct.h>
#include <mm/uaccess.h>
#include <mm/vma.h>
#include <proc/task.h>
#include <syscall/table.h>

int32_t sys_brk(struct pt_regs *regs) {
    const uint32_t before = current->mm->brk;
    const uint32_t now = mm_brk(current->mm, regs->ebx);

    if (current->mm->populates && now > before) mm_populate(current->mm, before, now);
    return (int32_t)now;
}

/* ---- mmap ---- */

/* As mmap() has them, with the file's descriptor and the offset in pages. */
struct mmap_arguments {
    uint32_t address, bytes, prot, flags, fd, pgoff;
};

static int32_t do_mmap(const struct mmap_arguments *arguments) {
    struct file *file = NULL;

    if (!(arguments->flags & MAP_ANONYMOUS)) {
        file = fd_file(arguments->fd);
        if (!file) return -EBADF;
    }
    int32_t address = mm_mmap(current->mm, arguments->address, arguments->bytes, arguments->prot,
                              arguments->flags, file, arguments->pgoff);
    if (file) file_put(file);
    bool failed = address < 0 && address >= -4095;
    if (!failed && arguments->flags & MAP_LOCKED)
        (void)mm_lock(current->mm, (uint32_t)address,
                      (uint32_t)address + (uint32_t)whole_pages(arguments->bytes), true);
    if (!failed && (current->mm->populates || arguments->flags & (MAP_POPULATE | MAP_LOCKED)))
        mm_populate(current->mm, (uint32_t)address, (uint32_t)address + arguments->bytes);
    return address;
}

int32_t sys_mmap2(struct pt_regs *regs) {
    return do_mmap(
        &(struct mmap_arguments){regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi, regs->ebp});
}

/* The first mmap() of Linux: its arguments lie in memory, and the offset is in bytes. */
int32_t sys_mmap(struct pt_regs *regs) {
    struct mmap_arguments arguments;

    if (copy_from_user(&arguments, regs->ebx, sizeof arguments)) return -EFAULT;
    if (arguments.pgoff % PAGE_SIZE) return -EINVAL;
    arguments.pgoff >>= PAGE_SHIFT;
    return do_mmap(&arguments);
}

int32_t sys_munmap(struct pt_regs *regs) {
    return mm_munmap(current->mm, regs->ebx, regs->ecx);
}

int32_t sys_mprotect(struct pt_regs *regs) {
    return mm_mprotect(current->mm, regs->ebx, regs->ecx, regs->edx);
}

/* mlock(2): what a locked area gets is in memory at once. */
int32_t sys_mremap(struct pt_regs *regs) {
    const uint32_t before = (uint32_t)whole_pages(regs->ecx), now = (uint32_t)whole_pages(regs->edx);
    int32_t address = mm_mremap(current->mm, regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi);

    if (address < 0 && address >= -4095) return address;
    if (now > before && vma_find(current->mm, (uint32_t)address)->flags & VM_LOCKED)
        mm_populate(current->mm, (uint32_t)address + before, (uint32_t)address + now);
    return address;
}

int32_t sys_madvise(struct pt_regs *regs) {
    return mm_madvise(current->mm, regs->ebx, regs->ecx, regs->edx);
}

/* ---- what is in memory, and what has to be ---- */

/* Is every page of the range in an area? */
static bool is_mapped(uint32_t start, uint32_t end) {
    return vma_pages_in(current->mm, start, end) == (end - start) >> PAGE_SHIFT;
}

/* A byte for each page: 1, it is in memory. A piece at a time, as the answer is user memory too. */
int32_t sys_mincore(struct pt_regs *regs) {
    uint32_t at = regs->ebx, end = at + (uint32_t)whole_pages(regs->ecx), to = regs->edx;
    uint8_t piece[64];

    if (at % PAGE_SIZE) return -EINVAL;
    if (!access_ok(at, regs->ecx)) return -ENOMEM;
    if (!access_ok(to, (end - at) >> PAGE_SHIFT)) return -EFAULT;
    if (!is_mapped(at, end)) return -ENOMEM;
    while (at < end) {
        uint32_t pages = 0;
        for (; pages < sizeof piece && at < end; at += PAGE_SIZE)
            piece[pages++] = mm_page_is_in_memory(current->mm, at);
        if (copy_to_user(to, piece, pages)) return -EFAULT;
        to += pages;
    }
    return 0;
}

/* Files are in memory, so what is written to a shared map is in the file at once. */
int32_t sys_msync(struct pt_regs *regs) {
    const uint32_t both = MS_ASYNC | MS_SYNC;
    uint32_t start = regs->ebx, end = start + (uint32_t)whole_pages(regs->ecx), flags = regs->edx;

    if (flags & ~(both | MS_INVALIDATE) || (flags & both) == both || start % PAGE_SIZE)
        return -EINVAL;
    if (end < start) return -ENOMEM;
    return is_mapped(start, end) ? 0 : -ENOMEM;
}

static int32_t lock(uint32_t address, uint32_t bytes) {
    uint32_t start = address & ~(PAGE_SIZE - 1u);
    uint32_t end = start + (uint32_t)whole_pages(bytes + (address - start));

    if (end < start) return -EINVAL;
    if (!is_mapped(start, end)) return -ENOMEM;
    int32_t error = mm_lock(current->mm, start, end, true);
    if (!error) mm_populate(current->mm, start, end);
    return error;
}

int32_t sys_mlock(struct pt_regs *regs) {
    return lock(regs->ebx, regs->ecx);
}

int32_t sys_mlock2(struct pt_regs *regs) {
    if (regs->edx & ~MLOCK_ONFAULT) return -EINVAL;
    return lock(regs->ebx, regs->ecx);
}

int32_t sys_munlock(struct pt_regs *regs) {
    uint32_t start = regs->ebx & ~(PAGE_SIZE - 1u);
    uint32_t end = start + (uint32_t)whole_pages(regs->ecx + (regs->ebx - start));

    if (end < start) return -EINVAL;
    int32_t error = mm_lock(current->mm, start, end, false);
    return error || is_mapped(start, end) ? error : -ENOMEM;
}

int32_t sys_mlockall(struct pt_regs *regs) {
    const uint32_t known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
    if (regs->ebx & ~known || !(regs->ebx & (MCL_CURRENT | MCL_FUTURE))) return -EINVAL;
    return mm_lock_all(current->mm, regs->ebx);
}

int32_t sys_munlockall(struct pt_regs *regs) {
    (void)regs;
    return mm_lock_all(current->mm, 0);
}
