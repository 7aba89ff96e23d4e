/*
 * pipe.c: pipes and FIFOs. A ring of frames that come when they are written to and go when they have
 * been read: a pipe that nobody uses takes none.
 *
 *   page 0     page 1     page 2     page 3           tail, head: bytes ever read and written
 *   [        ] [   tail=======] [=======head  ] [        ]
 */
#include <fs/pipe.h>
#include <fs/poll.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <mm/kmalloc.h>
#include <proc/task.h>

#define PIPE_PAGES (PIPE_SIZE / PAGE_SIZE)

struct pipe {
    uint32_t readers, writers;
    uint32_t readers_ever, writers_ever; /* opened so far: who waits for the other end sees it come */
    uint32_t head, tail;                 /* modulo 2^32 */
    uint8_t *pages[PIPE_PAGES];
    struct wait_queue wait;
};

static uint32_t used(const struct pipe *pipe) {
    return pipe->head - pipe->tail;
}

static uint32_t room(const struct pipe *pipe) {
    return PIPE_SIZE - used(pipe);
}

static uint8_t **page_at(struct pipe *pipe, uint32_t position) {
    return &pipe->pages[position / PAGE_SIZE % PIPE_PAGES];
}

static void free_at(struct pipe *pipe, uint32_t position) {
    uint8_t **page = page_at(pipe, position);
    if (*page) free_page(*page);
    *page = 0;
}

/* ---- life ---- */

/* The pipe of an inode goes when neither end is open. */
static void end(struct inode *inode) {
    for (uint32_t i = 0; i < PIPE_PAGES; i++) free_at(inode->pipe, i * PAGE_SIZE);
    kfree(inode->pipe);
    inode->pipe = 0;
}

static void release(struct file *file) {
    struct pipe *pipe = file->inode->pipe;

    if (file_readable(file)) pipe->readers--;
    if (file_writable(file)) pipe->writers--;
    wake_up(&pipe->wait);
    if (pipe->readers + pipe->writers == 0) end(file->inode);
}

/* Sleeps until `*changes` does, or a signal comes. */
static int wait_for(struct pipe *pipe, const uint32_t *changes) {
    uint32_t before = *changes;
    struct wait_entry entry;
    int error = 0;

    wait_add(&pipe->wait, &entry);
    while (*changes == before && !error) error = task_sleep(WAIT_FOREVER);
    wait_remove(&entry);
    return error;
}

/* Who opens one end of a FIFO waits for the other; O_RDWR has both. */
static int open_fifo(struct pipe *pipe, const struct file *file) {
    bool reads = file_readable(file), writes = file_writable(file);

    if (file->flags & O_NONBLOCK) return writes && !reads && !pipe->readers ? -ENXIO : 0;
    if (reads && !writes && !pipe->writers) return wait_for(pipe, &pipe->writers_ever);
    if (writes && !reads && !pipe->readers) return wait_for(pipe, &pipe->readers_ever);
    return 0;
}

static int open(struct inode *inode, struct file *file) {
    if (!inode->pipe) inode->pipe = kzalloc(sizeof *inode->pipe, GFP_KERNEL);
    struct pipe *pipe = inode->pipe;
    if (!pipe) return -ENOMEM;
    if (file_readable(file)) pipe->readers++, pipe->readers_ever++;
    if (file_writable(file)) pipe->writers++, pipe->writers_ever++;
    wake_up(&pipe->wait);
    int error = inode->links ? open_fifo(pipe, file) : 0; /* a pipe has no name */
    if (error) release(file);
    return error;
}

static struct filesystem *pipes; /* where they have their numbers */

bool pipe_init(void) {
    pipes = fs_new("pipefs");
    return pipes;
}

int pipe_make(struct file **read_end, struct file **write_end, uint32_t flags) {
    char name[24];

    struct inode *inode = inode_new(pipes, S_IFIFO | 0600);
    if (!inode) return -ENOMEM;
    inode->links = 0;
    snprintf(name, sizeof name, "pipe:[%u]", inode->number);
    int error = file_open_nameless(inode, name, O_RDONLY | flags, read_end);
    if (error) return error;
    error = file_open_dentry((*read_end)->dentry, O_WRONLY | flags, write_end);
    if (error) file_put(*read_end);
    return error;
}

/* ---- reading ---- */

/* All of the page before `last` has been read, and the writer has not come round to it. */
static bool is_read(const struct pipe *pipe, uint32_t last) {
    if (last == pipe->head) return true;
    return last % PAGE_SIZE == 0 && pipe->head - last <= PIPE_SIZE - PAGE_SIZE;
}

/* Takes what is there. Answers bytes, or -EFAULT. */
static int32_t take(struct pipe *pipe, struct io *io) {
    int32_t done = 0;

    while (io->left && used(pipe)) {
        uint32_t in_page = pipe->tail % PAGE_SIZE, bytes = PAGE_SIZE - in_page;
        if (bytes > used(pipe)) bytes = used(pipe);
        if (bytes > io->left) bytes = io->left;
        uint32_t moved = io_put(io, *page_at(pipe, pipe->tail) + in_page, bytes);
        uint32_t last = pipe->tail + moved;
        if (moved && is_read(pipe, last)) free_at(pipe, pipe->tail);
        pipe->tail = last;
        done += (int32_t)moved;
        if (moved < bytes) return done ? done : -EFAULT;
    }
    if (used(pipe) == 0) pipe->head = pipe->tail = 0;
    return done;
}

/* Waits until there is something, or nobody writes any more. */
static int wait_for_bytes(struct pipe *pipe, const struct file *file) {
    struct wait_entry entry;
    int error = 0;

    if (used(pipe) || !pipe->writers) return 0;
    if (file->flags & O_NONBLOCK) return -EAGAIN;
    wait_add(&pipe->wait, &entry);
    while (!used(pipe) && pipe->writers && !error) error = task_sleep(WAIT_FOREVER);
    wait_remove(&entry);
    return used(pipe) ? 0 : error;
}

static int32_t pipe_read(struct file *file, struct io *io, uint64_t *offset) {
    struct pipe *pipe = file->inode->pipe;
    (void)offset;

    if (io->left == 0) return 0;
    int error = wait_for_bytes(pipe, file);
    if (error || !used(pipe)) return error;
    int32_t done = take(pipe, io);
    wake_up(&pipe->wait);
    return done;
}

/* ---- writing ---- */

/* Puts in as much as there is room for. Answers bytes, or an error. */
static int32_t put(struct pipe *pipe, struct io *io) {
    int32_t done = 0;

    while (io->left && room(pipe)) {
        uint32_t in_page = pipe->head % PAGE_SIZE, bytes = PAGE_SIZE - in_page;
        uint8_t **page = page_at(pipe, pipe->head);
        if (bytes > room(pipe)) bytes = room(pipe);
        if (bytes > io->left) bytes = io->left;
        if (!*page) *page = __get_free_page(GFP_KERNEL, OWNER_FILE);
        if (!*page) return done ? done : -ENOMEM;
        uint32_t moved = io_take(io, *page + in_page, bytes);
        pipe->head += moved;
        done += (int32_t)moved;
        if (moved < bytes) return done ? done : -EFAULT;
    }
    return done;
}

/* So much room must be there before a write goes on: a short one goes in as a whole. */
static uint32_t needed(const struct io *io) {
    return io->left <= PIPE_BUF ? io->left : 1;
}

/* Waits until there is room, or nobody reads. */
static int wait_for_room(struct pipe *pipe, const struct io *io, const struct file *file) {
    struct wait_entry entry;
    int error = 0;

    if (pipe->readers && room(pipe) >= needed(io)) return 0;
    if (pipe->readers && file->flags & O_NONBLOCK) return -EAGAIN;
    wait_add(&pipe->wait, &entry);
    while (room(pipe) < needed(io) && pipe->readers && !error) error = task_sleep(WAIT_FOREVER);
    wait_remove(&entry);
    if (pipe->readers) return room(pipe) < needed(io) ? error : 0;
    signal_send(current, SIGPIPE);
    return -EPIPE;
}

static int32_t pipe_write(struct file *file, struct io *io, uint64_t *offset) {
    struct pipe *pipe = file->inode->pipe;
    int32_t done = 0;
    (void)offset;

    while (io->left) {
        int32_t moved = wait_for_room(pipe, io, file);
        if (!moved) moved = put(pipe, io);
        if (moved < 0) return done ? done : moved;
        done += moved;
        wake_up(&pipe->wait);
    }
    return done;
}

/* ---- asking ---- */

static uint32_t pipe_poll(struct file *file, struct poll_table *table) {
    struct pipe *pipe = file->inode->pipe;
    uint32_t ready = 0;

    poll_wait(table, &pipe->wait);
    if (file_readable(file)) {
        if (used(pipe)) ready |= POLLIN | POLLRDNORM;
        if (!pipe->writers && pipe->writers_ever) ready |= POLLHUP;
    }
    if (file_writable(file)) {
        if (room(pipe) >= PIPE_BUF) ready |= POLLOUT | POLLWRNORM;
        if (!pipe->readers) ready |= POLLERR;
    }
    return ready;
}

uint32_t pipe_bytes(const struct file *file) {
    return used(file->inode->pipe);
}

const struct file_operations fifo_operations = {.open = open,
                                                .release = release,
                                                .read = pipe_read,
                                                .write = pipe_write,
                                                .poll = pipe_poll,
                                                .no_seek = true};
