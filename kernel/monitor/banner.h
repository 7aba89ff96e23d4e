/*
 * banner.h: the first screen.
 */
#ifndef MONITOR_BANNER_H
#define MONITOR_BANNER_H

/* Prints what this machine is and what the boot did, and how to go on. */
void banner_print(void);

#endif
