/*
 * facts.h: what a kernel may want to know, while there is a BIOS to ask.
 */
#ifndef STAGE2_FACTS_H
#define STAGE2_FACTS_H

/*
 * Fills in what boot_info has since version 2: what the boot sector and EDD say of the disk, and where the
 * ACPI tables begin. The loader needs none of it, so nothing here is an error. Real mode, after
 * disk_init() and a20_enable().
 */
void facts_collect(void);

#endif
