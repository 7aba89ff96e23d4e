/*
 * keys.h: what somebody types, while there is a BIOS.
 */
#ifndef STAGE2_KEYS_H
#define STAGE2_KEYS_H

#include <stdbool.h>

/*
 * The next key of the BIOS or byte of COM1 as a character; KEY_OTHER for a key without one; 0 if there
 * is none. Notes in boot_info.step_mode that somebody is there. Does not wait.
 */
#define KEY_OTHER '\x01'
char key_next(void);

/* Takes all that has been typed by now. Returns whether an S was among it. */
bool keys_drain(void);

#endif
