/*
 * pci.h: the configuration space of PCI devices, by configuration mechanism #1 (PCI Local Bus
 * Specification 3.0 §3.2.2.3.2): which register of which function, to port CF8h; then its value at CFCh.
 *
 *   31      23      16 15    11 10   8 7        2 1 0
 *  +-+-------+--------+--------+------+----------+---+
 *  |1|       |  bus   | device | fn   | register |0 0|
 *  +-+-------+--------+--------+------+----------+---+
 */
#ifndef DEV_PCI_H
#define DEV_PCI_H

#include <stdbool.h>
#include <stdint.h>

/* Registers of a function: offsets in bytes (PCI 3.0 §6.1, §6.2). */
#define PCI_ID 0x00 /* vendor, device; FFFFFFFFh: there is none */
#define PCI_COMMAND 0x04
#define PCI_CLASS 0x08 /* revision, programming interface, subclass, class */
#define PCI_HEADER 0x0C
#define PCI_BAR(n) (0x10 + 4 * (n))

#define PCI_COMMAND_IO 0x1
#define PCI_COMMAND_MASTER 0x4
#define PCI_BAR_IO 0x1
#define PCI_CLASS_IDE 0x0101 /* class and subclass */

/* A function of bus 0: device << 3 | function. */
typedef uint32_t pci_function_t;

/* A register, at an offset that is a multiple of 4. */
uint32_t pci_read(pci_function_t function, uint32_t offset);
void pci_write(pci_function_t function, uint32_t offset, uint32_t value);

/* The first function of bus 0, where the chipset is, with this class and subclass. False: none, or no
 * PCI. */
bool pci_find(uint32_t class_subclass, pci_function_t *function);

#endif
