/*
 * file.h: an open file, and the descriptors of a process: what the rest of the kernel sees of the
 * file system. How files come to be and where they lie: vfs.h.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include <block/block.h>
#include <mm/page.h>
#include <proc/wait.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;
struct inode;
struct path;
struct poll_table;

/* Flags of open(2) as Linux i386 numbers them. */
#define O_ACCMODE 03u
#define O_RDONLY 00u
#define O_WRONLY 01u
#define O_RDWR 02u
#define O_CREAT 0100u
#define O_EXCL 0200u
#define O_NOCTTY 0400u
#define O_TRUNC 01000u
#define O_APPEND 02000u
#define O_NONBLOCK 04000u
#define O_LARGEFILE 0100000u
#define O_DIRECTORY 0200000u
#define O_NOFOLLOW 0400000u
#define O_CLOEXEC 02000000u
#define O_PATH 010000000u

/* ---- one open file ---- */

void file_get(struct file *file);
void file_put(struct file *file); /* the last one closes it */

/* May it be read, written (how it was opened)? */
bool file_readable(const struct file *file);
bool file_writable(const struct file *file);

/*
 * Opens `path`, a kernel string, relative to the working directory of the current task. Answers 0
 * and the file, or an error of open(2).
 */
int file_open(const char *path, uint32_t flags, uint32_t mode, struct file **file);

/* The same for execve(): only regular files that may be executed (EACCES, ENOENT, ELOOP...). */
int file_open_exec(const char *path, struct file **file);

/* Reads into kernel memory: the bytes read, fewer at the end of the file, or an error. */
int32_t file_read_kernel(struct file *file, void *to, uint32_t bytes, uint64_t offset);

/*
 * The frame that holds page `index` of a regular file, for maps and for reads: with a reference of
 * the caller's. What is behind the end of the file in its last page is 0. -ENXIO: the file ends
 * before this page; -EIO: it cannot be read, -ENOSPC: there is no room for it (SIGBUS); -ENODEV: no such file;
 * -ENOMEM. Waits for a disk as `wait` says.
 */
int file_page(struct file *file, uint32_t index, enum block_wait wait, struct page **page);

/* Does it lie on a disk, or in a swap area, and has to be read from there? */
bool file_page_is_away(struct file *file, uint32_t index);

/* The same, but only if that frame is there already; else a null pointer. Of files that file_page() has
 * answered 0 for. */
struct page *file_page_in_memory(struct file *file, uint32_t index);

/* Is it in no directory of a disk: was a page that cannot be read in a swap area? */
bool file_is_in_memory(const struct file *file);

/* mincore(): is it in memory, be it in the swap cache? */
bool file_page_is_in_memory(const struct file *file, uint32_t index);

/* The first page from `*index` on that is in a swap area without an entry of any page table: its index, and what
 * such an entry would be; 0: there is none. */
uint64_t file_next_swapped(const struct file *file, uint32_t *index);

/* The clock has taken an entry of this frame of OWNER_SHMEM out: it may go to a swap area if nobody else
 * has it. */
void file_page_out(struct file *file, uint32_t index, struct page *page);

/* Can it be mapped at all? 0; -ENODEV if not; -EACCES if it is not open for reading. `anonymous` is
 * true for /dev/zero, whose private maps are anonymous memory. */
int file_may_map(const struct file *file, bool *anonymous);

/* A file without a name, for shared anonymous memory: `bytes` of zeros. A null pointer: no memory. */
struct file *file_anonymous(uint32_t bytes);

/* Its path for people ("/bin/sh", "pipe:[3]", " (deleted)" behind removed ones), cut to `size` bytes
 * with the NUL; and what identifies it: device and inode. */
void file_path(const struct file *file, char *to, size_t size);
uint32_t file_device(const struct file *file);
uint32_t file_inode_number(const struct file *file);

/* ---- descriptors ---- */

struct files_struct;

struct files_struct *files_alloc(void);                            /* none open; null: no memory */
struct files_struct *files_copy(const struct files_struct *from);  /* fork() */
void files_get(struct files_struct *files);                        /* clone(CLONE_FILES) */
void files_put(struct files_struct *files);                        /* the last one closes all */
void files_close_on_exec(struct files_struct *files);

/* The file behind a descriptor of the current task, with a reference; a null pointer: EBADF. */
struct file *fd_file(uint32_t fd);

/* The lowest descriptor from `from` on that is free, for `file`, whose reference it takes over. The
 * descriptor, or -EMFILE, -ENOMEM: then the reference is still the caller's. */
int fd_install(struct file *file, uint32_t from, bool close_on_exec);

/* ---- where a process is ---- */

struct fs_struct; /* root, working directory, umask */

struct fs_struct *fs_alloc(void); /* at the root; null: no memory */
struct fs_struct *fs_copy(const struct fs_struct *fs);
void fs_get(struct fs_struct *fs);
void fs_put(struct fs_struct *fs);

/* ---- start-up ---- */

/* Makes the root file system and fills it from the initrd, if there is one; mounts /dev and /proc.
 * What is wrong with the initrd is named, and the rest of it left out. */
void fs_init(void);

#endif
