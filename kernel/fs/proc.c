/*
 * proc.c: the directories of /proc. Nothing of it is kept: each name becomes a dentry and an inode when
 * somebody asks for it, and a text when it is read.
 *
 *   /proc            proc_system_files, self, a directory for each process
 *   /proc/<pid>      proc_task_files, the links cwd, exe and root, fd, task
 *   /proc/<pid>/fd   a link for each descriptor
 *   /proc/<pid>/task a directory like that of its process for each thread
 */
#include <fs/fd.h>
#include <fs/proc.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <proc/task.h>

/* inode.private: what it is, and of which process or descriptor. */
#define PID 0
#define ROW 1

static const struct inode_operations root_inode, task_inode, fds_inode, threads_inode, plain_inode, self_link,
    task_link, fd_link;
static const struct file_operations root_directory, task_directory, fds_directory, threads_directory,
    text_file;

void proc_root_init(struct inode *inode) {
    inode->mode = S_IFDIR | 0555;
    inode->ops = &root_inode;
    inode->file_ops = &root_directory;
}

struct task *proc_task(const struct inode *inode) {
    return task_find(inode->private[PID]);
}

/* ---- making what was asked for ---- */

/* A dentry in `dir`, and its inode, which belongs to the owner of `task`. */
static int make(struct dentry *dir, const char *name, uint32_t length, uint32_t mode,
                struct task *task, uint32_t row, struct dentry **made) {
    struct inode *inode = inode_new(dir->inode->fs, mode);

    if (!inode) return -ENOMEM;
    inode->ops = &plain_inode;
    inode->uid = task ? task->euid : 0;
    inode->gid = task ? task->egid : 0;
    inode->private[PID] = task ? task->pid : 0;
    inode->private[ROW] = row;
    *made = dentry_new(dir, name, length, inode);
    if (*made) return 0;
    inode_put(inode);
    return -ENOMEM;
}

static bool is_name(const char *wanted, const char *name, uint32_t length) {
    return strlen(wanted) == length && memcmp(wanted, name, length) == 0;
}

/* The row of a table with this name, or -1. */
static int row_of(const struct proc_file *files, const char *name, uint32_t length) {
    for (int row = 0; files[row].name; row++)
        if (is_name(files[row].name, name, length)) return row;
    return -1;
}

/* A number without leading zeros; UINT32_MAX: none. */
static uint32_t number_of(const char *name, uint32_t length) {
    uint32_t number = 0;

    if (length == 0 || length > 9 || (name[0] == '0' && length > 1)) return UINT32_MAX;
    for (uint32_t i = 0; i < length; i++) {
        if (name[i] < '0' || name[i] > '9') return UINT32_MAX;
        number = number * 10 + (uint32_t)(name[i] - '0');
    }
    return number;
}

static int make_file(struct dentry *dir, const struct proc_file *file, struct task *task, int row,
                     struct dentry **found) {
    int error = make(dir, file->name, (uint32_t)strlen(file->name), S_IFREG | file->mode, task,
                     (uint32_t)row, found);
    if (!error) (*found)->inode->file_ops = file->ops ? file->ops : &text_file;
    return error;
}

/* ---- the directory of a process ---- */

static const char *const task_links[] = {"cwd", "exe", "root"};
#define TASK_LINKS 3

static int make_directory(struct dentry *dir, const char *name, uint32_t length, uint32_t mode,
                          struct task *task, const struct inode_operations *ops,
                          const struct file_operations *file_ops, struct dentry **found) {
    int error = make(dir, name, length, S_IFDIR | mode, task, 0, found);
    if (error) return error;
    (*found)->inode->ops = ops;
    (*found)->inode->file_ops = file_ops;
    return 0;
}

static int task_lookup(struct dentry *dir, const char *name, uint32_t length,
                       struct dentry **found) {
    struct task *task = proc_task(dir->inode);

    if (!task) return -ENOENT;
    int row = row_of(proc_task_files, name, length);
    if (row >= 0) return make_file(dir, &proc_task_files[row], task, row, found);
    if (is_name("fd", name, length))
        return make_directory(dir, "fd", 2, 0500, task, &fds_inode, &fds_directory, found);
    if (is_name("task", name, length))
        return make_directory(dir, "task", 4, 0555, task, &threads_inode, &threads_directory, found);
    for (uint32_t link = 0; link < TASK_LINKS; link++) {
        if (!is_name(task_links[link], name, length)) continue;
        int error = make(dir, name, length, S_IFLNK | 0777, task, link, found);
        if (!error) (*found)->inode->ops = &task_link;
        return error;
    }
    return -ENOENT;
}

/* One entry of a directory that is a list of names; `place` counts from 2, behind the dots. */
static bool emit(struct file *dir, struct dir_context *context, const char *name, uint32_t mode,
                 uint64_t place) {
    if (dir->offset > place) return true;
    if (!dir_emit(context, name, (uint32_t)strlen(name), (uint32_t)place + 1, mode, place + 1))
        return false;
    dir->offset = place + 1;
    return true;
}

static int task_readdir(struct file *dir, struct dir_context *context) {
    uint64_t place = 2;

    if (!proc_task(dir->inode)) return -ENOENT;
    if (!dir_emit_dots(dir, context)) return 0;
    for (const struct proc_file *file = proc_task_files; file->name; file++)
        if (!emit(dir, context, file->name, S_IFREG, place++)) return 0;
    if (!emit(dir, context, "fd", S_IFDIR, place++)) return 0;
    if (!emit(dir, context, "task", S_IFDIR, place++)) return 0;
    for (uint32_t link = 0; link < TASK_LINKS; link++)
        if (!emit(dir, context, task_links[link], S_IFLNK, place++)) return 0;
    return 0;
}

/* ---- links of a process: they lead to the file itself, not to its name ---- */

/* Only who could do as much as the process may see what it has. */
static int may_look_into(const struct task *task) {
    return current->euid == 0 || current->euid == task->euid ? 0 : -EACCES;
}

static struct dentry *exe_of(const struct task *task) {
    return task->mm && task->mm->exe ? task->mm->exe->dentry : 0;
}

static int task_follow(struct inode *inode, struct dentry **target) {
    struct task *task = proc_task(inode);

    if (!task) return -ENOENT;
    int error = may_look_into(task);
    if (error) return error;
    switch (inode->private[ROW]) {
    case 0: *target = task->fs ? task->fs->cwd : 0; break;
    case 1: *target = exe_of(task); break;
    default: *target = task->fs ? task->fs->root : 0;
    }
    if (!*target) return -ENOENT;
    dentry_get(*target);
    return 0;
}

/* The path of a dentry as a link's text. */
static int path_text(const struct dentry *dentry, char *to, uint32_t size) {
    const struct dentry *root = current->fs ? current->fs->root : 0;
    char *buffer = kmalloc(PATH_MAX, GFP_KERNEL);

    if (!buffer) return -ENOMEM;
    char *path = dentry_path(dentry, root, buffer, PATH_MAX);
    int length = path ? (int)strlen(path) : -ENAMETOOLONG;
    if (path && length > (int)size) length = (int)size;
    if (path) memcpy(to, path, (size_t)length);
    kfree(buffer);
    return length;
}

static int link_readlink(struct inode *inode, char *to, uint32_t size) {
    struct dentry *target;

    int error = inode->ops->follow(inode, &target);
    if (error) return error;
    int length = path_text(target, to, size);
    dentry_put(target);
    return length;
}

/* ---- descriptors ---- */

static struct file *file_of(const struct inode *inode) {
    const struct task *task = proc_task(inode);
    uint32_t fd = inode->private[ROW];

    if (!task || !task->files || fd >= task->files->size) return 0;
    return task->files->fds[fd].file;
}

static int fds_lookup(struct dentry *dir, const char *name, uint32_t length,
                      struct dentry **found) {
    struct task *task = proc_task(dir->inode);
    uint32_t fd = number_of(name, length);

    if (!task || !task->files || fd >= task->files->size || !task->files->fds[fd].file)
        return -ENOENT;
    const struct file *file = task->files->fds[fd].file;
    uint32_t rights = (file_readable(file) ? 0500 : 0) | (file_writable(file) ? 0300 : 0);
    int error = may_look_into(task);
    if (!error) error = make(dir, name, length, S_IFLNK | rights, task, fd, found);
    if (!error) (*found)->inode->ops = &fd_link;
    return error;
}

static int fd_follow(struct inode *inode, struct dentry **target) {
    const struct file *file = file_of(inode);

    if (!file) return -ENOENT;
    int error = may_look_into(proc_task(inode));
    if (error) return error;
    *target = file->dentry;
    dentry_get(*target);
    return 0;
}

static int fds_readdir(struct file *dir, struct dir_context *context) {
    const struct task *task = proc_task(dir->inode);
    char name[12];

    if (!task) return -ENOENT;
    int error = may_look_into(task);
    if (error) return error;
    if (!dir_emit_dots(dir, context) || !task->files) return 0;
    for (uint32_t fd = 0; fd < task->files->size; fd++) {
        if (!task->files->fds[fd].file) continue;
        snprintf(name, sizeof name, "%u", fd);
        if (!emit(dir, context, name, S_IFLNK, 2 + (uint64_t)fd)) return 0;
    }
    return 0;
}

/* ---- threads ---- */

static int threads_lookup(struct dentry *dir, const char *name, uint32_t length,
                          struct dentry **found) {
    const struct task *task = proc_task(dir->inode);
    uint32_t pid = number_of(name, length);
    struct task *thread = pid != UINT32_MAX && pid ? task_find(pid) : 0;

    if (!task || !thread || thread->tgid != task->tgid) return -ENOENT;
    return make_directory(dir, name, length, 0555, thread, &task_inode, &task_directory, found);
}

static int threads_readdir(struct file *dir, struct dir_context *context) {
    const struct task *task = proc_task(dir->inode);
    char name[12];

    if (!task) return -ENOENT;
    if (!dir_emit_dots(dir, context)) return 0;
    for (const struct task *thread = task_first(); thread; thread = thread->next) {
        if (thread->tgid != task->tgid) continue;
        snprintf(name, sizeof name, "%u", thread->pid);
        if (!emit(dir, context, name, S_IFDIR, 2 + (uint64_t)thread->pid)) return 0;
    }
    return 0;
}

/* ---- the root ---- */

static int self_readlink(struct inode *inode, char *to, uint32_t size) {
    (void)inode;
    return snprintf(to, size, "%u", current->tgid);
}

static int root_lookup(struct dentry *dir, const char *name, uint32_t length,
                       struct dentry **found) {
    int row = row_of(proc_system_files, name, length);
    if (row >= 0) return make_file(dir, &proc_system_files[row], 0, row, found);
    if (is_name("self", name, length)) {
        int error = make(dir, name, length, S_IFLNK | 0777, 0, 0, found);
        if (!error) (*found)->inode->ops = &self_link;
        return error;
    }
    uint32_t pid = number_of(name, length);
    struct task *task = pid != UINT32_MAX && pid ? task_find(pid) : 0;
    if (!task) return -ENOENT;
    return make_directory(dir, name, length, 0555, task, &task_inode, &task_directory, found);
}

/* Processes are listed by number: their places begin behind those of all files. */
#define FIRST_PROCESS 64u

static int root_readdir(struct file *dir, struct dir_context *context) {
    uint64_t place = 2;
    char name[12];

    if (!dir_emit_dots(dir, context)) return 0;
    for (const struct proc_file *file = proc_system_files; file->name; file++)
        if (!emit(dir, context, file->name, S_IFREG, place++)) return 0;
    if (!emit(dir, context, "self", S_IFLNK, place)) return 0;
    for (const struct task *task = task_first(); task; task = task->next) {
        if (task->pid == 0 || task->pid != task->tgid) continue; /* a thread is part of its process */
        snprintf(name, sizeof name, "%u", task->pid);
        if (!emit(dir, context, name, S_IFDIR, FIRST_PROCESS + task->pid)) return 0;
    }
    return 0;
}

/* ---- reading: the text is written anew when somebody reads from its start ---- */

static int write_text(struct file *file, struct text *text) {
    const struct inode *inode = file->inode;
    uint32_t pid = inode->private[PID], row = inode->private[ROW];
    struct task *task = pid ? task_find(pid) : 0;

    if (pid && !task) return -ESRCH;
    text_free(text);
    if (pid)
        proc_task_files[row].write(text, task);
    else
        proc_system_files[row].write(text, 0);
    return text->failed ? -ENOMEM : 0;
}

/* Where the memory of others lies is nobody's business, though the mode of the file does not say so. */
static int may_open(const struct inode *inode) {
    const struct task *task = inode->private[PID] ? proc_task(inode) : 0;
    bool maps = task && proc_task_files[inode->private[ROW]].write == proc_maps;

    return maps ? may_look_into(task) : 0;
}

int proc_open_private(struct inode *inode, struct file *file) {
    const struct task *task = proc_task(inode);
    (void)file;

    return task ? may_look_into(task) : -ESRCH;
}

static int text_open(struct inode *inode, struct file *file) {
    int error = may_open(inode);

    if (error) return error;
    file->private = kzalloc(sizeof(struct text), GFP_KERNEL);
    return file->private ? 0 : -ENOMEM;
}

static void text_release(struct file *file) {
    text_free(file->private);
    kfree(file->private);
}

static int32_t text_read(struct file *file, struct io *io, uint64_t *offset) {
    struct text *text = file->private;

    int error = *offset == 0 || !text->bytes ? write_text(file, text) : 0;
    if (error) return error;
    if (*offset >= text->length || io->left == 0) return 0;
    uint32_t moved = io_put(io, text->bytes + *offset, text->length - (uint32_t)*offset);
    *offset += moved;
    return moved ? (int32_t)moved : -EFAULT;
}

/* ---- writing: one file can be written to, a number in one piece ---- */

/* With a sign, maybe, and a newline. False: it is something else, or has more than 9 digits. */
static bool parse_number(const char *text, int32_t *number) {
    bool minus = *text == '-';
    unsigned digits = 0;

    if (minus) text++;
    for (*number = 0; *text >= '0' && *text <= '9' && digits < 9; text++, digits++)
        *number = *number * 10 + (*text - '0');
    if (minus) *number = -*number;
    return digits && (*text == 0 || (*text == '\n' && text[1] == 0));
}

static int32_t text_write(struct file *file, struct io *io, uint64_t *offset) {
    const struct inode *inode = file->inode;
    struct task *task = inode->private[PID] ? task_find(inode->private[PID]) : 0;
    char text[16] = "";
    int32_t number;
    uint32_t bytes = io->left;

    if (!inode->private[PID] || proc_task_files[inode->private[ROW]].write != proc_score_adj)
        return -EINVAL;
    if (!task) return -ESRCH;
    if (bytes >= sizeof text) return -EINVAL;
    if (io_take(io, text, bytes) < bytes) return -EFAULT;
    if (!parse_number(text, &number)) return -EINVAL;
    int error = proc_set_score_adj(task, number);
    *offset += bytes;
    return error ? error : (int32_t)bytes;
}

static int no_lookup(struct dentry *dir, const char *name, uint32_t length, struct dentry **found) {
    (void)dir, (void)name, (void)length, (void)found;
    return -ENOTDIR;
}

static const struct inode_operations root_inode = {.lookup = root_lookup};
static const struct inode_operations task_inode = {.lookup = task_lookup};
static const struct inode_operations fds_inode = {.lookup = fds_lookup};
static const struct inode_operations threads_inode = {.lookup = threads_lookup};
static const struct inode_operations plain_inode = {.lookup = no_lookup};
static const struct inode_operations self_link = {.readlink = self_readlink};
static const struct inode_operations task_link = {.follow = task_follow,
                                                  .readlink = link_readlink};
static const struct inode_operations fd_link = {.follow = fd_follow, .readlink = link_readlink};
static const struct file_operations root_directory = {.readdir = root_readdir};
static const struct file_operations task_directory = {.readdir = task_readdir};
static const struct file_operations fds_directory = {.readdir = fds_readdir};
static const struct file_operations threads_directory = {.readdir = threads_readdir};
static const struct file_operations text_file = {
    .open = text_open, .release = text_release, .read = text_read, .write = text_write};
