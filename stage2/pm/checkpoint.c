/*
 * checkpoint.c: the end of a checkpoint that stops in the loader (include/ascent/chapter.h). 32-bit
 * code, called through pm_switch() from real mode, and by handover.asm: it must not want A20. Part of
 * checkpoints alone.
 */
#include <ascent/chapter.h>

#include "pm.h"
#include "print.h"

/* Beside the 32-bit code, as the part that real mode reaches is full. */
static const char text[] __attribute__((section(".text.checkpoint"))) = "\n" CHECKPOINT_TEXT;

void pm_checkpoint(void *unused) {
    (void)unused;
    pm_put_text(text);
    for (;;) __asm__ volatile("cli; hlt");
}
