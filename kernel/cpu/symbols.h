/*
 * symbols.h: names for addresses, from the symbol table that the loader put behind the kernel.
 */
#ifndef CPU_SYMBOLS_H
#define CPU_SYMBOLS_H

#include <stdint.h>

/*
 * The name of the function that virtual `address` lies in, and how far in, in bytes.
 * 0 if it is not within the kernel's text, or there are no symbols, or they cannot be read.
 */
const char *symbol_find(uint32_t address, uint32_t *offset);

#endif
