/*
 * record.c: the state of the processor at each transition. Compiled for real mode and for protected
 * mode, as the loader's step.c.
 */
#include <ascent/real_call.h>
#include <ascent/step_capture.h>

extern struct real_call call;

void record(uint32_t step);

void record(uint32_t step) {
    struct boot_step *now = &call.steps[step];

    step_capture(now, call.has_cr4, call.has_tsc);
    now->id = step;
    now->eip = (uint32_t)__builtin_return_address(0);
    now->esp = (uint32_t)__builtin_frame_address(0);
}
