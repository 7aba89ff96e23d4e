/*
 * mm_struct.h: the address space of a process: which areas it has, and what they are for. What of it
 * is in memory now, the page tables know (pgtable.h); what a page fault means, fault.c decides.
 *
 *   00000000  nothing: null pointers fault          ARCH: below MMAP_MIN_ADDR nothing is mapped
 *   08048000  the program (ET_EXEC), then its heap by brk()
 *   ...       maps, from mmap_base downwards, each at the highest hole that has room
 *   BFxxxxxx  stack, grows down to its limit; a gap below it stays empty
 *   C0000000  the kernel
 *
 * Areas do not overlap. They are kept in a balanced tree by address; neighbours that are alike are
 * one area. Only tasks come here, and kernel code is not preempted: no lock (docs: scheduling).
 */
#ifndef MM_MM_STRUCT_H
#define MM_MM_STRUCT_H

#include <block/block.h>
#include <mm/pgtable.h>
#include <stdbool.h>
#include <stdint.h>

struct file;

/* vm_area_struct.flags; the first three are PROT_READ, PROT_WRITE, PROT_EXEC of mmap(). */
#define VM_READ 0x1u
#define VM_WRITE 0x2u
#define VM_EXEC 0x4u
#define VM_SHARED 0x8u     /* writes are seen by all who map it; else private: copy-on-write */
#define VM_MAYWRITE 0x10u  /* mprotect() may make it writable: not a shared map of a file opened
                              for reading */
#define VM_GROWSDOWN 0x20u /* the stack */
#define VM_HEAP 0x40u      /* of brk(): names it in /proc/pid/maps */
#define VM_SHMEM 0x80u     /* shared anonymous memory: `file` has no name */
#define VM_LOCKED 0x100u   /* mlock(): its pages stay in memory */

/* prot and flags of mmap(), as Linux i386 numbers them. */
#define PROT_NONE 0x0u
#define PROT_READ 0x1u
#define PROT_WRITE 0x2u
#define PROT_EXEC 0x4u
#define PROT_GROWSDOWN 0x01000000u
#define PROT_GROWSUP 0x02000000u
#define MAP_SHARED 0x01u
#define MAP_PRIVATE 0x02u
#define MAP_SHARED_VALIDATE 0x03u
#define MAP_TYPE 0x0Fu
#define MAP_FIXED 0x10u
#define MAP_ANONYMOUS 0x20u
#define MAP_GROWSDOWN 0x0100u
#define MAP_LOCKED 0x2000u
#define MAP_POPULATE 0x8000u
#define MAP_FIXED_NOREPLACE 0x100000u
#define MS_ASYNC 1u
#define MS_INVALIDATE 2u
#define MS_SYNC 4u
#define MLOCK_ONFAULT 1u
#define MCL_CURRENT 1u
#define MCL_FUTURE 2u
#define MCL_ONFAULT 4u
#define MREMAP_MAYMOVE 1u
#define MREMAP_FIXED 2u
#define MREMAP_DONTUNMAP 4u
#define MADV_NORMAL 0
#define MADV_RANDOM 1
#define MADV_SEQUENTIAL 2
#define MADV_WILLNEED 3
#define MADV_DONTNEED 4
#define MADV_FREE 8
#define MADV_DONTDUMP 16
#define MADV_DODUMP 17

#define MMAP_MIN_ADDR 0x10000u   /* Linux's vm.mmap_min_addr */
#define STACK_GAP_PAGES 256u     /* Linux's stack_guard_gap: 1 MB below the stack stays empty */

struct vm_area_struct {
    uint32_t start, end; /* multiples of PAGE_SIZE */
    unsigned flags;
    struct file *file; /* a reference; a null pointer for anonymous memory */
    uint32_t pgoff;    /* the page of the file that is at `start` */
    struct vm_area_struct *left, *right; /* the tree: mm/vma.c */
    struct vm_area_struct *prev, *next;  /* by address */
    int height;
    uint32_t gap; /* the largest hole before any area of this subtree */
};

/* What a process may have at most (setrlimit(2)), in bytes; RLIM_INFINITY: no limit. */
#define RLIM_INFINITY 0xFFFFFFFFu
#define STACK_LIMIT_DEFAULT 0x800000u /* 8 MB, as Linux starts its first process */

struct mm_struct {
    struct mm pt;
    struct vm_area_struct *root, *first;
    uint32_t users; /* tasks that run in it */
    struct mm_struct *next_space, **link; /* all spaces; link: what points here */

    uint32_t mmap_base;                                   /* maps lie below */
    uint32_t start_code, end_code, start_data, end_data;  /* of the program */
    uint32_t start_brk, brk;
    uint32_t start_stack;
    uint32_t arg_start, arg_end, env_start, env_end;
    struct file *exe; /* a reference: /proc/pid/exe */

    uint32_t limit_as, limit_data, limit_stack;
    unsigned new_flags;  /* of areas to come: VM_LOCKED after mlockall(MCL_FUTURE) */
    bool populates;      /* their pages come at once, and not when they are touched */

    uint32_t areas;                /* how many there are */
    uint32_t total_vm, data_vm, stack_vm, exec_vm; /* pages in areas */
    uint32_t rss_anon, rss_file, rss_shmem;        /* pages in memory */
    uint32_t swapped;                              /* pages in swap areas: entries of page tables */
    uint32_t peak_vm, peak_rss;
    uint32_t minor_faults, major_faults, cow_copies, cow_reuses, zero_maps;
};

/* Pages in memory. */
static inline uint32_t mm_resident(const struct mm_struct *mm) {
    return mm->rss_anon + mm->rss_file + mm->rss_shmem;
}

/* ---- life ---- */

/* Makes what all spaces need: once, after kmalloc_init(). */
void mm_struct_init(void);

/* An empty space with one user; a null pointer if there is no memory. */
struct mm_struct *mm_alloc(void);

/* fork(): the same areas, the same frames; what is private and writable is copied when the first of
 * the two writes. A null pointer if there is no memory: nothing has changed then. */
struct mm_struct *mm_fork(struct mm_struct *parent);

/* One user more, one less. The last one ends the space: areas, pages, tables. It may be loaded then:
 * the kernel's own is loaded in its place. */
void mm_get(struct mm_struct *mm);
void mm_put(struct mm_struct *mm);

/* Takes all areas and pages, for a process that never runs in ring 3 again. It is not loaded. */
void mm_empty(struct mm_struct *mm);

/* ---- system calls. Addresses that are answered are never error numbers: those are -4095 to -1. ---- */

/* mmap2(): `file` is a null pointer for anonymous memory. Answers the address, or -EINVAL, -ENOMEM,
 * -EACCES, -ENODEV, -EEXIST, -EPERM, -EOVERFLOW as mmap(2) says. Takes its own reference. */
int32_t mm_mmap(struct mm_struct *mm, uint32_t address, uint32_t bytes, uint32_t prot,
                uint32_t flags, struct file *file, uint32_t pgoff);
int32_t mm_munmap(struct mm_struct *mm, uint32_t address, uint32_t bytes);
int32_t mm_mprotect(struct mm_struct *mm, uint32_t address, uint32_t bytes, uint32_t prot);
int32_t mm_mremap(struct mm_struct *mm, uint32_t address, uint32_t old_bytes, uint32_t new_bytes,
                  uint32_t flags, uint32_t new_address);
int32_t mm_madvise(struct mm_struct *mm, uint32_t address, uint32_t bytes, uint32_t advice);

/* mincore(): is the page of this address in memory? */
bool mm_page_is_in_memory(const struct mm_struct *mm, uint32_t address);

/* mlock(): pages of the range, as far as there are areas, stay in memory from now on, or may go again; those
 * that are not there come when they are touched. 0 or -ENOMEM. The pages of all areas that stay. */
int32_t mm_lock(struct mm_struct *mm, uint32_t start, uint32_t end, bool locked);
uint32_t mm_locked_pages(const struct mm_struct *mm);

/* mlockall(), with MCL_ flags: all areas that there are, and all to come. munlockall() is 0: neither. 0 or
 * -ENOMEM. */
int32_t mm_lock_all(struct mm_struct *mm, unsigned which);

/* MAP_POPULATE, mlock(): brings the pages of a range in, as far as there are areas and memory. */
void mm_populate(struct mm_struct *mm, uint32_t start, uint32_t end);

/* brk(): the end of the heap afterwards, which is the old one if it cannot be as asked. */
uint32_t mm_brk(struct mm_struct *mm, uint32_t end);

/* ---- for execve() ---- */

/* The stack: an area that ends at `top` and has `bytes` now; it grows. 0 or -ENOMEM. */
int mm_set_stack(struct mm_struct *mm, uint32_t top, uint32_t bytes);

/* ---- for files ---- */

/* A file has become shorter: `pages` are left. What was mapped of it beyond goes from all spaces, also
 * private copies: to touch it is FAULT_BEYOND_FILE from now on. */
void mm_file_cut(uint32_t device, uint32_t inode_number, uint32_t pages);

/* ---- looking ---- */

/* The frames of its page tables, but for those that every space has. Takes its time: it counts them. */
uint32_t mm_table_pages(const struct mm_struct *mm);

/* The first area that ends above `address`: it holds it, or lies above it. Or a null pointer. */
struct vm_area_struct *vma_find(const struct mm_struct *mm, uint32_t address);

/* ---- page faults: fault.c ---- */

enum fault_access { FAULT_READ, FAULT_WRITE, FAULT_EXEC };

/* What a fault at an address of the user half came to. */
enum fault_outcome {
    FAULT_MENDED,          /* the access may be tried again */
    FAULT_NULL_POINTER,    /* SIGSEGV, SEGV_MAPERR: below MMAP_MIN_ADDR */
    FAULT_NO_AREA,         /* SIGSEGV, SEGV_MAPERR: "segmentation fault" */
    FAULT_STACK_OVERFLOW,  /* SIGSEGV, SEGV_MAPERR: below a stack that may not grow so far */
    FAULT_READ_ONLY,       /* SIGSEGV, SEGV_ACCERR: "write to read-only memory" */
    FAULT_NOT_READABLE,    /* SIGSEGV, SEGV_ACCERR: PROT_NONE */
    FAULT_NOT_EXECUTABLE,  /* SIGSEGV, SEGV_ACCERR: "execute from non-executable memory" */
    FAULT_BEYOND_FILE,     /* SIGBUS, BUS_ADRERR: the file has no such page */
    FAULT_OUT_OF_MEMORY,   /* SIGKILL: no frame left */
    FAULT_SWAP_READ,       /* SIGBUS, BUS_ADRERR: "a page on the disk cannot be read" */
    FAULT_FILE_READ,       /* SIGBUS, BUS_ADRERR: "a page of the file cannot be read" */
    FAULT_OUTCOMES,
};

/*
 * Brings the page in, or says why it cannot. `from_esp`: ESP of the program at the time, which
 * decides whether a stack may grow to `address`. `wait`: for a page on the disk; BLOCK_SLEEP only if
 * the caller holds nothing that other tasks may change.
 */
enum fault_outcome mm_fault(struct mm_struct *mm, uint32_t address, enum fault_access access,
                            uint32_t from_esp, enum block_wait wait);

/* Faults of all processes since the start; `major` are those that waited for a disk. */
struct fault_counts {
    uint64_t minor, major;
};
extern struct fault_counts fault_counts;

/* The name of an outcome for people, such as "stack overflow". */
const char *fault_outcome_name(enum fault_outcome outcome);

#endif
