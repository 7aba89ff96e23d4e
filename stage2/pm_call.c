/*
 * pm_call.c: a call into protected mode for work above 1 MB. Contract in pm.h.
 */
#include "a20.h"
#include "error.h"
#include "pm.h"

void pm_call(void (*function)(void *argument), void *argument) {
    if (a20_keep()) boot_fail(E_A20, 0);
    pm_switch(function, argument);
}
