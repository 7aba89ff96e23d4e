/*
 * oom.h: who ends when a program touches a page that there is no frame for.
 */
#ifndef PROC_OOM_H
#define PROC_OOM_H

#include <stdbool.h>

/*
 * The largest process ends: of the frames it has and its page tables (Linux: oom_badness()). Never
 * process 1. True: it was another one, whose memory is free already, so that the access may be tried again.
 * False: it is the current one that has to end, or there is nobody else. Does not block.
 */
bool oom_kill(void);

#endif
