/*
 * load.h: how many tasks have wanted to run, on average: /proc/loadavg, sysinfo(2).
 */
#ifndef PROC_LOAD_H
#define PROC_LOAD_H

#include <stdint.h>

#define LOAD_SHIFT 11 /* 1 << 11 is one task */

/* Over the last minute, 5, 15 minutes: 0, 1, 2. */
uint32_t load_average(unsigned which);

/* To be called at each tick. */
void load_tick(void);

#endif
