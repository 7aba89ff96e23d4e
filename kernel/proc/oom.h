/*
 * oom.h: who ends when a program touches a page that there is no frame for.
 */
#ifndef PROC_OOM_H
#define PROC_OOM_H

#include <stdbool.h>
#include <stdint.h>

struct task;

/* /proc/<pid>/oom_score_adj: -1000 to 1000, in thousandths of all memory and swap. */
#define OOM_SCORE_ADJ_NEVER (-1000)
#define OOM_SCORE_ADJ_MOST 1000

/* All that a process could have: frames and slots. */
uint32_t oom_all_pages(void);

/* What a process has, in pages: frames, slots of swap areas, page tables; and oom_score_adj's part. 0: never
 * ends for want of memory. It is a process of programs. */
uint32_t oom_score(const struct task *task);

/*
 * The process with the highest score ends, never process 1. The log names it, its score and where all
 * memory is. True: it was another one, whose memory is free already, so that the access may be tried again.
 * False: it is the current one that has to end, or there is nobody else. Does not block.
 */
bool oom_kill(void);

#endif
