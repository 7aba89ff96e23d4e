/*
 * irq.h: a piece of code that no interrupt may come into, on the one processor that we have. Host
 * tests have a header of this name in which nothing happens.
 */
#ifndef LIB_IRQ_H
#define LIB_IRQ_H

#include <cpu/control.h> /* irq_save(), irq_restore() */

#endif
