/*
 * checkpoint.c: the end of a checkpoint that stops in the loader (include/ascent/chapter.h). 32-bit
 * code, called through pm_switch() from real mode, and by handover.asm: it must not want A20. Part of
 * checkpoints alone.
 */
#include <ascent/chapter.h>

#include "pm.h"
#include "print.h"

void pm_checkpoint(void *unused) {
    (void)unused;
    /* The loader is full, and from chapter 12 on it is the kernel that says it. */
    pm_put_text(chapter_has(12) ? "" : "\n" CHECKPOINT_TEXT);
    for (;;) __asm__ volatile("cli; hlt");
}
