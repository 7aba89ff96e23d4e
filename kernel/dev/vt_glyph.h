/*
 * vt_glyph.h: the VGA's character (code page 437) for a character of Unicode.
 */
#ifndef DEV_VT_GLYPH_H
#define DEV_VT_GLYPH_H

#include <stdbool.h>
#include <stdint.h>

/* A block for what it does not have. `graphics`: the VT100's line drawing in place of ` to ~. */
uint8_t vt_glyph(uint32_t code, bool graphics);

#endif
