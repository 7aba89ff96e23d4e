/*
 * acpi.h: as much of ACPI as it takes to switch a machine off (ACPI 6.4 §5.2, §7.4.2, §16.1.7).
 * Nothing here touches hardware; nothing that the tables say is trusted.
 *
 *   RSDP, in low memory  ->  RSDT or XSDT  ->  FADT: the ports  ->  DSDT: the object _S5_, as AML
 */
#ifndef DEV_ACPI_H
#define DEV_ACPI_H

#include <stdbool.h>
#include <stdint.h>

/* How to switch off. */
struct acpi_s5 {
    uint16_t pm1a_control, pm1b_control; /* ports; 0: there is no second */
    uint8_t type_a, type_b;              /* SLP_TYP of each: 3 bits */
    uint16_t smi_command;                /* the port that ACPI is switched on by; 0: it is on */
    uint8_t enable;                      /* the value for it */
};

/* Copies `bytes` of physical memory, or answers false. */
typedef bool acpi_read(uint64_t phys, void *to, uint32_t bytes);

/* Fills in `s5`. Answers a null pointer, or in words what this machine's ACPI has not. */
const char *acpi_find_s5(acpi_read *read, struct acpi_s5 *s5);

#endif
