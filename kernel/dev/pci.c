/*
 * pci.c: looks into the configuration space of PCI.
 */
#include <ascent/io.h>
#include <dev/pci.h>

#define ADDRESS 0xCF8
#define DATA 0xCFC
#define ENABLE 0x80000000u
#define FUNCTIONS_PER_DEVICE 8
#define DEVICES 32
#define HEADER_MULTIFUNCTION 0x00800000u
#define NONE 0xFFFFFFFFu

uint32_t pci_read(pci_function_t function, uint32_t offset) {
    outl(ADDRESS, ENABLE | function << 8 | offset);
    return inl(DATA);
}

void pci_write(pci_function_t function, uint32_t offset, uint32_t value) {
    outl(ADDRESS, ENABLE | function << 8 | offset);
    outl(DATA, value);
}

/* The address register keeps what is written to it; where nothing answers, ones are read. */
static bool is_there(void) {
    outl(ADDRESS, ENABLE);
    return inl(ADDRESS) == ENABLE;
}

static bool has_class(pci_function_t function, uint32_t class_subclass) {
    return pci_read(function, PCI_ID) != NONE &&
           pci_read(function, PCI_CLASS) >> 16 == class_subclass;
}

/* Functions behind the first are only there if the header of that says so (PCI 3.0 §6.2.1). */
static uint32_t functions_of(pci_function_t first) {
    if (pci_read(first, PCI_ID) == NONE) return 0;
    return pci_read(first, PCI_HEADER) & HEADER_MULTIFUNCTION ? FUNCTIONS_PER_DEVICE : 1;
}

bool pci_find(uint32_t class_subclass, pci_function_t *function) {
    if (!is_there()) return false;
    for (uint32_t device = 0; device < DEVICES; device++) {
        pci_function_t first = device * FUNCTIONS_PER_DEVICE;
        for (uint32_t i = 0, functions = functions_of(first); i < functions; i++) {
            *function = first + i;
            if (has_class(*function, class_subclass)) return true;
        }
    }
    return false;
}
