/*
 * checkpoint.c: the end of a checkpoint that stops in real mode (include/ascent/chapter.h). Contract in
 * pm.h. Part of checkpoints alone.
 */
#include "console.h"
#include "pm.h"

void checkpoint_end(void) {
    console_handover();
    pm_switch(pm_checkpoint, 0);
    for (;;) {}
}
