/*
 * monitor.h: the prompt on which the kernel answers. Commands: docs/reference/monitor.md.
 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

/* Prints the banner, says @READY on COM1, and answers commands from keyboard and COM1 for ever.
 * Needs: interrupts on, memory taken over. */
void monitor_main(void) __attribute__((noreturn));

/*
 * While programs run: a kernel thread that waits until monitor_call(), which interrupt handlers may
 * use, and answers commands then, until `continue`. No program runs meanwhile.
 */
void monitor_watch(void);
void monitor_call(void);

#endif
