/*
 * first_program.h: process 1.
 */
#ifndef BOOT_FIRST_PROGRAM_H
#define BOOT_FIRST_PROGRAM_H

/*
 * Runs /init, or what init= on the command line names, as process 1 with /dev/console as descriptors
 * 0 to 2, and comes back when it has ended, with a line that says how. Comes back at once if there is
 * no /init, or for init=none. Writes "@READY init" to COM1 when it starts.
 * From its start on, or from the end of this call if there is none, failalloc=<n> counts.
 */
void first_program_run(void);

#endif
