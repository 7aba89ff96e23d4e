/*
 * lab_missing.h: how a boot ends that lacks the part of a lab.
 */
#ifndef STAGE2_LAB_MISSING_H
#define STAGE2_LAB_MISSING_H

/*
 * Says `text` in the last line of the screen, on COM1 and on port E9, and halts for good, interrupts off.
 * Needs no BIOS and no descriptor table: the first is for real mode, the other for protected mode.
 */
void __attribute__((noreturn)) lab_missing(const char *text);
void __attribute__((noreturn)) pm_lab_missing(const char *text);

#endif
