/*
 * file_machine.h: what the file system needs of a kernel, on this machine: memory that is counted and
 * can be made to fail, one task, a clock. Included by one file of each test program.
 */
#ifndef FILE_MACHINE_H
#define FILE_MACHINE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <block/block.h>
#include <fs/device.h>
#include <fs/proc.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <mm/buddy.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <mm/swap_area.h>
#include <mm/uaccess.h>
#include <proc/task.h>

/* ---- memory ---- */

static unsigned frames_in_use, objects_in_use;
static unsigned allocations_until_failure; /* the nth from now on fails; 0: none */

static bool fails_now(void) {
    return allocations_until_failure && --allocations_until_failure == 0;
}

void *kmalloc(size_t size, gfp_t gfp) {
    if (fails_now()) return NULL;
    objects_in_use++;
    return gfp & __GFP_ZERO ? calloc(1, size ? size : 1) : malloc(size ? size : 1);
}

void *kzalloc(size_t size, gfp_t gfp) {
    return kmalloc(size, gfp | __GFP_ZERO);
}

void *krealloc(void *memory, size_t size, gfp_t gfp) {
    (void)gfp;
    if (fails_now()) return NULL;
    if (!memory) objects_in_use++;
    return realloc(memory, size);
}

void kfree(const void *memory) {
    if (memory) objects_in_use--;
    free((void *)memory);
}

struct frame {
    struct page page;
    uint8_t bytes[PAGE_SIZE];
};

struct page *alloc_pages(gfp_t gfp, unsigned order, enum page_owner owner) {
    (void)owner;
    if (order || fails_now()) return NULL;
    struct frame *frame = malloc(sizeof *frame);
    memset(frame->bytes, gfp & __GFP_ZERO ? 0 : 0xA5, PAGE_SIZE);
    frame->page = (struct page){.count = 1};
    frames_in_use++;
    return &frame->page;
}

void put_page(struct page *page) {
    if (--page->count) return;
    frames_in_use--;
    free((struct frame *)page);
}

void get_page(struct page *page) {
    page->count++;
}

void free_pages(struct page *page, unsigned order) {
    (void)order;
    put_page(page);
}

void page_set_owner(struct page *page, enum page_owner owner) {
    (void)page, (void)owner;
}

/* ---- no swap area, but for a test that reads from one ---- */

static void (*while_the_disk_works)(void);

struct swap_area swap_areas[SWAP_AREAS];

uint32_t swap_free(void) {
    return 0;
}

void swap_get(uint64_t value) {
    (void)value;
    abort();
}

void swap_put(uint64_t value) {
    (void)value;
    if (!while_the_disk_works) abort();
}

uint32_t swap_entries(uint64_t value) {
    (void)value;
    abort();
}

bool swap_cache_add(struct page *page) {
    (void)page;
    return false;
}

bool swap_is_cached(uint64_t value) {
    (void)value;
    abort();
}

struct page *copy_page(struct page *from) {
    (void)from;
    abort();
}

void swap_put_page(struct page *page) {
    (void)page;
    abort();
}

bool swap_take(struct page *page) {
    (void)page;
    abort();
}

int swap_in(uint64_t value, enum block_wait wait, struct page **page) {
    (void)value, (void)wait;
    if (!while_the_disk_works) abort();
    while_the_disk_works();
    *page = alloc_pages(GFP_HIGHUSER, 0, OWNER_USER);
    return *page ? 0 : -ENOMEM;
}

/* Nobody has mapped a file here. */
void mm_file_cut(uint32_t device, uint32_t inode_number, uint32_t pages) {
    (void)device, (void)inode_number, (void)pages;
}

void *kmap(struct page *page) {
    return ((struct frame *)page)->bytes;
}

void kunmap(struct page *page) {
    (void)page;
}

void *kmap_atomic(struct page *page) {
    return kmap(page);
}

void kunmap_atomic(void *address) {
    (void)address;
}

void page_zero_from(struct page *page, uint32_t from) {
    memset((uint8_t *)kmap(page) + from, 0, PAGE_SIZE - from);
}

uint32_t pages_of(enum page_owner owner) {
    (void)owner;
    return 1 << 16;
}

/* ---- no memory of programs: tests read and write with io_kernel() ---- */

size_t copy_to_user_left(uint32_t user, const void *from, size_t bytes) {
    (void)user, (void)from;
    return bytes;
}

size_t copy_from_user_left(void *to, uint32_t user, size_t bytes) {
    (void)user, (void)to;
    return bytes;
}

size_t clear_user_left(uint32_t user, size_t bytes) {
    (void)user;
    return bytes;
}

/* ---- no disk, but for the tests of FAT: fat_machine.h ---- */

#ifndef FAT_MACHINE_H
int block_read(struct block_device *device, uint64_t sector, uint32_t sectors,
               struct page *const *pages, enum block_wait wait) {
    (void)device, (void)sector, (void)sectors, (void)pages, (void)wait;
    return -EIO;
}
#endif

void boot_mount(struct dentry *on) {
    (void)on;
}

static unsigned messages; /* in the log */

int printk(const char *format, ...) {
    (void)format;
    messages++;
    return 0;
}

/* ---- one task ---- */

static struct task the_task = {.rlimit = {[RLIMIT_FSIZE] = {RLIM_INFINITY, RLIM_INFINITY}}};
struct task *current = &the_task;
static uint64_t now;
static unsigned last_signal;

uint64_t clock_realtime(void) {
    return ++now;
}

int signal_send(struct task *task, unsigned signal) {
    (void)task;
    last_signal = signal;
    return 0;
}

void epoll_forget(const struct file *file);
void epoll_forget(const struct file *file) {
    (void)file;
}

void wait_add(struct wait_queue *queue, struct wait_entry *entry) {
    (void)queue, (void)entry;
}

void wait_remove(struct wait_entry *entry) {
    (void)entry;
}

volatile bool need_resched;

void task_yield(void) {}

bool signal_pending(void) {
    return false;
}

uint32_t pages_total(void) {
    return 1 << 16;
}

int task_sleep(uint32_t ticks) {
    (void)ticks;
    return -ERESTARTSYS;
}

void wake_up(struct wait_queue *queue) {
    (void)queue;
}

/* ---- the rest of the file system that is not under test ---- */

const struct file_operations fifo_operations, block_file;

const struct file_operations *device_operations(uint32_t rdev) {
    (void)rdev;
    return NULL;
}

int devices_make(struct dentry *dir) {
    (void)dir;
    return 0;
}

void proc_root_init(struct inode *inode) {
    (void)inode;
}

size_t strlcpy(char *to, const char *from, size_t size) {
    return (size_t)(snprintf)(to, size, "%s", from);
}

#ifndef FAT_MACHINE_H
bool dir_emit(struct dir_context *context, const char *name, uint32_t length, uint32_t inode,
              uint32_t mode, uint64_t next) {
    (void)context, (void)name, (void)length, (void)inode, (void)mode, (void)next;
    return false;
}

bool dir_emit_dots(struct file *dir, struct dir_context *context) {
    (void)dir, (void)context;
    return false;
}
#endif

/* ---- a root file system, and its end ---- */

static void files_start(void) {
    filesystems = fs_new("ramfs");
    filesystems->pages_max = 1 << 20;
}

/* Every object and frame is back. */
static inline void files_stop(void) {
    fs_free(filesystems);
    filesystems = NULL;
    if (frames_in_use || objects_in_use) {
        (fprintf)(stderr, "left behind: %u frames, %u objects\n", frames_in_use, objects_in_use);
        abort();
    }
}

#endif
