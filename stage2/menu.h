/*
 * menu.h: the list of the choices that BOOT.CFG gives. Real mode.
 */
#ifndef STAGE2_MENU_H
#define STAGE2_MENU_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Shows the list, with a mark at the choice that `config` holds, until somebody takes one at the
 * keyboard or on COM1, or until `seconds` have passed without a key (0: it waits for ever). `config`
 * then holds that one. Returns whether it is to be started with steps. Not for a file without choices.
 */
bool menu_choose(uint32_t seconds);

#endif
