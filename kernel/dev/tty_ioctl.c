/*
 * tty_ioctl.c: the terminal's settings, a line a request (ioctl_tty(2)).
 */
#include <cpu/control.h>
#include <dev/tty.h>
#include <dev/tty_ioctl.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <proc/task.h>

/* TCSETS, and with what else before: TCSETSF forgets what was typed. */
static int set_termios(struct tty *tty, uint32_t command, uint32_t argument) {
    struct termios termios;

    int error = tty_check_change(tty);
    if (!error) error = copy_from_user(&termios, argument, sizeof termios);
    if (error) return error;
    uint32_t eflags = irq_save();
    if (command == TCSETSF) line_flush(&tty->line);
    line_set(&tty->line, &termios);
    irq_restore(eflags);
    wake_up(&tty->readers); /* what they wait for may be something else now */
    wake_up(&tty->writers);
    return 0;
}

static int set_size(struct tty *tty, uint32_t argument) {
    struct winsize size;

    int error = copy_from_user(&size, argument, sizeof size);
    if (error) return error;
    bool same = size.rows == tty->size.rows && size.columns == tty->size.columns;
    tty->size = size;
    if (!same && tty->foreground) signal_send_group(tty->foreground, SIGWINCH);
    return 0;
}

/* The leader of a session that has no terminal yet may take one; root may take it from others. */
static int set_controlling(struct tty *tty, uint32_t argument) {
    if (current->tgid != current->session) return -EPERM;
    if (current->tty == tty && tty->session == current->session) return 0;
    if (current->tty) return -EPERM;
    if (tty->session && tty->session != current->session) {
        if (argument != 1 || current->euid) return -EPERM;
        for (struct task *task = task_first(); task; task = task->next)
            if (task->tty == tty) task->tty = 0;
    }
    for (struct task *task = task_first(); task; task = task->next)
        if (task->tgid == current->tgid) task->tty = tty;
    tty->session = current->session;
    tty->foreground = current->pgrp;
    return 0;
}

/* Gives the terminal up; when the leader does, so do all of its session. */
static int give_up(struct tty *tty) {
    if (current->tty != tty) return -ENOTTY;
    if (current->tgid != current->session) {
        current->tty = 0;
        return 0;
    }
    for (struct task *task = task_first(); task; task = task->next)
        if (task->session == current->session) task->tty = 0;
    tty_session_end(tty);
    return 0;
}

static bool group_in_session(uint32_t pgrp, uint32_t session) {
    for (struct task *task = task_first(); task; task = task->next)
        if (task->pgrp == pgrp && task->session == session) return true;
    return false;
}

static int set_foreground(struct tty *tty, uint32_t argument) {
    uint32_t pgrp;

    if (current->tty != tty || tty->session != current->session) return -ENOTTY;
    int error = tty_check_change(tty);
    if (!error) error = get_user(&pgrp, argument);
    if (error) return error;
    if ((int32_t)pgrp < 0) return -EINVAL;
    if (!group_in_session(pgrp, current->session)) return -EPERM;
    tty->foreground = pgrp;
    return 0;
}

static int get_own(struct tty *tty, uint32_t argument, uint32_t value) {
    return current->tty == tty ? put_user(argument, value) : -ENOTTY;
}

static int flush(struct tty *tty, uint32_t which) {
    if (which > TCIOFLUSH) return -EINVAL;
    int error = tty_check_change(tty);
    if (error || which == TCOFLUSH) return error; /* output does not wait anywhere */
    uint32_t eflags = irq_save();
    line_flush(&tty->line);
    irq_restore(eflags);
    return 0;
}

/* TCXONC: as Ctrl+S and Ctrl+Q; what the other side should do is nothing that we can ask for. */
static int flow(struct tty *tty, uint32_t what) {
    if (what > 3) return -EINVAL;
    int error = tty_check_change(tty);
    if (error) return error;
    if (what < 2) tty->line.stopped = what == 0;
    wake_up(&tty->writers);
    return 0;
}

/* TIOCSTI: as if it had been typed. */
static int type(struct tty *tty, uint32_t argument) {
    uint8_t byte;

    if (current->euid && current->tty != tty) return -EPERM;
    int error = copy_from_user(&byte, argument, 1);
    if (error) return error;
    uint32_t eflags = irq_save();
    line_receive(&tty->line, byte);
    irq_restore(eflags);
    wake_up(&tty->readers);
    wake_up(&tty->writers); /* it may have been Ctrl+Q */
    return 0;
}

int32_t tty_ioctl(struct file *file, uint32_t command, uint32_t argument) {
    struct tty *tty = file->private;

    switch (command) {
    case TCGETS: return copy_to_user(argument, &tty->line.termios, sizeof tty->line.termios);
    case TCSETS:
    case TCSETSW:
    case TCSETSF: return set_termios(tty, command, argument);
    case TIOCGWINSZ: return copy_to_user(argument, &tty->size, sizeof tty->size);
    case TIOCSWINSZ: return set_size(tty, argument);
    case TIOCSCTTY: return set_controlling(tty, argument);
    case TIOCNOTTY: return give_up(tty);
    case TIOCGPGRP: return get_own(tty, argument, tty->foreground);
    case TIOCSPGRP: return set_foreground(tty, argument);
    case TIOCGSID: return get_own(tty, argument, tty->session);
    case FIONREAD: return put_user(argument, line_ready(&tty->line) ? line_readable(&tty->line) : 0);
    case TIOCOUTQ: return put_user(argument, 0);
    case TCFLSH: return flush(tty, argument);
    case TCXONC: return flow(tty, argument);
    case TCSBRK: /* output has gone; a break is not sent */
    case TCSBRKP: return tty_check_change(tty);
    case TIOCSTI: return type(tty, argument);
    case TIOCEXCL:
    case TIOCNXCL: return 0;
    default: return -ENOTTY;
    }
}
