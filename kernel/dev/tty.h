/*
 * tty.h: the terminal: screen and keyboard, and COM1, as one: what is written goes to both, what is
 * typed at either comes in. /dev/console, and /dev/tty for those whose controlling terminal it is.
 */
#ifndef DEV_TTY_H
#define DEV_TTY_H

#include <dev/line_discipline.h>
#include <proc/wait.h>

struct tty {
    struct line_discipline line;
    struct winsize size;
    uint32_t session, foreground; /* whose terminal it is, and the process group that may read */
    struct wait_queue readers, writers; /* until something was typed; until Ctrl+Q */
};

/* Keys go to the terminal from now on, instead of to input_key(). */
void tty_init(void);

/* While the monitor has the keyboard: keys go to input_key(). Nested calls are not counted. */
void tty_suspend(void);
void tty_resume(void);

/* Looks for bytes that came without an interrupt. For the timer's handler. */
void tty_poll_input(void);

/* The session has ended: nobody's terminal, and SIGHUP to the foreground group. */
void tty_session_end(struct tty *tty);

/* For /proc/pid/stat: the device number, and the foreground group. */
uint32_t tty_number(const struct tty *tty);

#endif
