/*
 * tty.c: the terminal as a file: who may read it and when (termios(3), tty(4), credentials(7)).
 */
#include <cpu/control.h>
#include <dev/console.h>
#include <dev/input.h>
#include <dev/pit.h>
#include <dev/tty.h>
#include <dev/tty_ioctl.h>
#include <dev/vt.h>
#include <fs/device.h>
#include <fs/poll.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <monitor/monitor.h>
#include <proc/long_call.h>
#include <proc/task.h>

#define ROWS 25
#define COLUMNS 80
#define CHUNK 128 /* bytes that go through the kernel's stack at a time */

static struct tty console;

/* ---- what the line discipline asks of us ---- */

void tty_put(struct line_discipline *line, uint8_t byte) {
    (void)line;
    console_send((char)byte);
}

/* Where the cursor is, and the like: as if it had been typed. */
void vt_answer(const char *text) {
    while (*text) line_receive(&console.line, (uint8_t)*text++);
    if (line_ready(&console.line)) wake_up(&console.readers);
}

void tty_signal(struct line_discipline *line, unsigned signal) {
    (void)line;
    if (console.foreground) signal_send_group(console.foreground, signal);
}

/* ---- keys ---- */

/* In an interrupt handler, or with interrupts off. */
static void take_input(void) {
    bool was_stopped = console.line.stopped, typed = false;
    int byte;

    while (input_listener && (byte = input_byte()) >= 0) {
        typed = true;
        if (byte == MONITOR_BYTE && !console.line.literal)
            monitor_call();
        else
            line_receive(&console.line, (uint8_t)byte);
    }
    if (!typed) return;
    console_show_cursor();
    if (line_ready(&console.line)) wake_up(&console.readers);
    if (was_stopped && !console.line.stopped) wake_up(&console.writers);
}

void tty_init(void) {
    line_init(&console.line);
    console.size = (struct winsize){.rows = ROWS, .columns = COLUMNS};
    tty_resume();
}

void tty_resume(void) {
    uint32_t eflags = irq_save();
    input_listener = take_input;
    take_input();
    irq_restore(eflags);
}

void tty_suspend(void) {
    input_listener = 0;
}

void tty_poll_input(void) {
    if (input_listener) input_listener();
}

/* ---- job control (credentials(7)) ---- */

/* Nobody of the group has a parent in another group of the session, who could let it go on. */
static bool group_is_orphaned(uint32_t pgrp) {
    for (struct task *task = task_first(); task; task = task->next) {
        const struct task *parent = task->parent;
        if (task->pgrp == pgrp && parent && parent->pgrp != pgrp &&
            parent->session == task->session)
            return false;
    }
    return true;
}

/* A task of a background group may not go on as if the terminal were its own: `signal` stops it.
 * 0: it may. */
static int check_background(struct tty *tty, unsigned signal) {
    if (current->tty != tty || current->pgrp == tty->foreground || !tty->foreground) return 0;
    if (signal_is_ignored(signal)) return signal == SIGTTIN ? -EIO : 0;
    if (group_is_orphaned(current->pgrp)) return -EIO;
    signal_send_group(current->pgrp, signal);
    return -ERESTARTSYS;
}

int tty_check_change(struct tty *tty) {
    return check_background(tty, SIGTTOU);
}

void tty_session_end(struct tty *tty) {
    if (tty->foreground) signal_send_group(tty->foreground, SIGHUP);
    tty->session = tty->foreground = 0;
}

uint32_t tty_number(const struct tty *tty) {
    return tty ? DEVICE_CONSOLE : 0;
}

/* ---- reading ---- */

/* In raw mode: VMIN bytes make a read complete, and VTIME, in tenths of a second, gives up. */
static uint32_t wanted_bytes(const struct tty *tty, uint32_t asked) {
    const struct termios *termios = &tty->line.termios;

    if (termios->lflag & ICANON) return 1;
    uint32_t most = termios->cc[VMIN];
    return most > asked ? asked : most;
}

static bool is_ready(const struct tty *tty, uint32_t asked) {
    if (tty->line.termios.lflag & ICANON) return line_ready(&tty->line);
    uint32_t wanted = wanted_bytes(tty, asked);
    return line_readable(&tty->line) >= (wanted ? wanted : 1);
}

/* How long a read may wait: with VMIN, from the first byte on. */
static uint32_t patience(const struct tty *tty) {
    const struct termios *termios = &tty->line.termios;
    uint32_t ticks = termios->cc[VTIME] * (HZ / 10u);

    if (termios->lflag & ICANON) return WAIT_FOREVER;
    if (termios->cc[VMIN] == 0) return ticks;
    return termios->cc[VTIME] && line_readable(&tty->line) ? ticks : WAIT_FOREVER;
}

/* Waits until a read may be answered. 0, or an error. */
static int wait_for_input(struct tty *tty, const struct file *file, uint32_t asked) {
    struct wait_entry entry;
    int error = 0;

    if (is_ready(tty, asked)) return 0;
    if (file->flags & O_NONBLOCK) return line_ready(&tty->line) ? 0 : -EAGAIN;
    wait_add(&tty->readers, &entry);
    while (!error && !is_ready(tty, asked)) {
        uint32_t ticks = patience(tty), before = line_readable(&tty->line), start = jiffies;
        if (ticks == 0) break;
        error = task_sleep(ticks);
        bool typed = line_readable(&tty->line) != before;
        if (!error && ticks != WAIT_FOREVER && !typed && jiffies - start >= ticks) break;
    }
    wait_remove(&entry);
    return error && !line_ready(&tty->line) ? error : 0;
}

/* Takes some bytes with interrupts off, and copies them with interrupts on. */
static int32_t take_bytes(struct tty *tty, struct io *io) {
    uint8_t some[CHUNK];
    int32_t done = 0;
    bool end = false;

    while (io->left && !end) {
        uint32_t bytes = io->left < CHUNK ? io->left : CHUNK;
        uint32_t eflags = irq_save();
        uint32_t taken = line_take(&tty->line, some, bytes, &end);
        irq_restore(eflags);
        if (taken == 0) break;
        uint32_t moved = io_put(io, some, taken);
        done += (int32_t)moved;
        if (moved < taken) return done ? done : -EFAULT;
    }
    return done;
}

static int32_t tty_read(struct file *file, struct io *io, uint64_t *offset) {
    struct tty *tty = file->private;
    (void)offset;

    if (io->left == 0) return 0;
    int error = check_background(tty, SIGTTIN);
    if (!error) error = wait_for_input(tty, file, io->left);
    return error ? error : take_bytes(tty, io);
}

/* ---- writing ---- */

/* Ctrl+S holds output until Ctrl+Q. */
static int wait_for_output(struct tty *tty, const struct file *file) {
    struct wait_entry entry;
    int error = 0;

    if (!tty->line.stopped) return 0;
    if (file->flags & O_NONBLOCK) return -EAGAIN;
    wait_add(&tty->writers, &entry);
    while (tty->line.stopped && !error) error = task_sleep(WAIT_FOREVER);
    wait_remove(&entry);
    return tty->line.stopped ? error : 0;
}

static int32_t tty_write(struct file *file, struct io *io, uint64_t *offset) {
    struct tty *tty = file->private;
    uint8_t some[CHUNK];
    int32_t done = 0;
    (void)offset;

    int error = tty->line.termios.lflag & TOSTOP ? check_background(tty, SIGTTOU) : 0;
    while (io->left && !error) {
        error = wait_for_output(tty, file);
        if (error) break;
        uint32_t wanted = io->left < CHUNK ? io->left : CHUNK, bytes = io_take(io, some, wanted);
        for (uint32_t i = 0; i < bytes; i++) {
            uint32_t eflags = irq_save();
            line_output(&tty->line, some[i]);
            if (i + 1 == bytes) console_show_cursor();
            irq_restore(eflags);
        }
        done += (int32_t)bytes;
        if (bytes < wanted) error = -EFAULT;
        else error = long_call_check();
    }
    return done ? done : error;
}

static uint32_t tty_poll(struct file *file, struct poll_table *table) {
    struct tty *tty = file->private;
    uint32_t ready = 0;

    poll_wait(table, &tty->readers);
    poll_wait(table, &tty->writers);
    if (line_ready(&tty->line)) ready |= POLLIN | POLLRDNORM;
    if (!tty->line.stopped) ready |= POLLOUT | POLLWRNORM;
    return ready;
}

static int open_console(struct inode *inode, struct file *file) {
    (void)inode;
    file->private = &console;
    return 0;
}

static int open_tty(struct inode *inode, struct file *file) {
    (void)inode;
    file->private = current->tty;
    return current->tty ? 0 : -ENXIO;
}

const struct file_operations console_device = {.open = open_console,
                                               .read = tty_read,
                                               .write = tty_write,
                                               .ioctl = tty_ioctl,
                                               .poll = tty_poll,
                                               .no_seek = true};

const struct file_operations tty_device = {.open = open_tty,
                                           .read = tty_read,
                                           .write = tty_write,
                                           .ioctl = tty_ioctl,
                                           .poll = tty_poll,
                                           .no_seek = true};
