/*
 * break.h: the monitor while programs run.
 */
#ifndef MONITOR_BREAK_H
#define MONITOR_BREAK_H

#include <stdbool.h>

/* Somebody has typed `continue`. */
extern bool monitor_goes_on;

/* Answers commands until then: monitor.c. */
void monitor_break(void);

#endif
