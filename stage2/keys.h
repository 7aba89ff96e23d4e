/*
 * keys.h: what somebody types, while there is a BIOS.
 */
#ifndef STAGE2_KEYS_H
#define STAGE2_KEYS_H

#include <stdint.h>

/*
 * The next key of the BIOS or byte of COM1 as a character; KEY_UP and KEY_DOWN for the arrows of the
 * keyboard, KEY_OTHER for another key without one; 0 if there is none. Notes in boot_info.step_mode
 * that somebody is there. Does not wait.
 */
#define KEY_OTHER '\x01'
#define KEY_UP '\x80'
#define KEY_DOWN '\x81'
char key_next(void);

/* Takes all that has been typed by now. Returns what was among it: flags. */
#define TYPED_STEPS 0x1 /* S */
#define TYPED_LIST 0x2  /* M, Tab or an arrow of the keyboard */
uint32_t keys_drain(void);

#endif
