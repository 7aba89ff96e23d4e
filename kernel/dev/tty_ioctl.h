/*
 * tty_ioctl.h: the terminal's settings, as programs ask for them.
 */
#ifndef DEV_TTY_IOCTL_H
#define DEV_TTY_IOCTL_H

#include <stdint.h>

struct file;
struct tty;

/* ioctl_tty(2): -ENOTTY for those that a terminal does not have. */
int32_t tty_ioctl(struct file *file, uint32_t command, uint32_t argument);

/* May the current task change the terminal? A background one is stopped: 0, -ERESTARTSYS, -EIO. */
int tty_check_change(struct tty *tty);

#endif
