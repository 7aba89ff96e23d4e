/*
 * acpi_tables.h: a megabyte of physical memory with ACPI tables in it, for the test and the fuzzer.
 */
#ifndef ACPI_TABLES_H
#define ACPI_TABLES_H

#include <dev/acpi.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MEMORY_BYTES 0x100000u
#define EBDA_AT 0x9FC00u
#define DSDT_AT 0xE1000u
#define FADT_AT 0xF1000u
#define RSDT_AT 0xF1200u
#define XSDT_AT 0xF1300u
#define RSDP_AT 0xE0000u
#define FADT_BYTES 148u

#define AML(text) text, sizeof(text) - 1

static uint8_t memory[MEMORY_BYTES];
static uint32_t memory_ends_at = MEMORY_BYTES;

static uint8_t *at(uint32_t phys) {
    return memory + phys;
}

static bool memory_read(uint64_t phys, void *to, uint32_t bytes) {
    if (phys > memory_ends_at || bytes > memory_ends_at - phys) return false;
    memcpy(to, memory + phys, bytes);
    return true;
}

static void put32(uint32_t phys, uint32_t value) {
    memcpy(at(phys), &value, sizeof value);
}

static void make_sum(uint32_t phys, uint32_t bytes, uint32_t checksum) {
    uint8_t sum = 0;
    *at(phys + checksum) = 0;
    for (uint32_t i = 0; i < bytes; i++) sum += *at(phys + i);
    *at(phys + checksum) = (uint8_t)-sum;
}

/* Makes the sum of the table at `phys` right. */
static void seal(uint32_t phys) {
    uint32_t bytes;
    memcpy(&bytes, at(phys + 4), sizeof bytes);
    make_sum(phys, bytes, 9);
}

static void begin(uint32_t phys, const char *signature, uint32_t bytes) {
    memcpy(at(phys), signature, 4);
    put32(phys + 4, bytes);
}

/* RSDP -> RSDT -> FADT -> DSDT with this AML, with QEMU's ports. */
static void lay_out(const void *aml, uint32_t aml_bytes) {
    memset(at(EBDA_AT), 0, MEMORY_BYTES - EBDA_AT);
    memory_ends_at = MEMORY_BYTES;
    memcpy(at(0x40E), &(uint16_t){EBDA_AT >> 4}, 2);

    begin(DSDT_AT, "DSDT", 36 + aml_bytes);
    memcpy(at(DSDT_AT + 36), aml, aml_bytes);
    seal(DSDT_AT);

    begin(FADT_AT, "FACP", FADT_BYTES);
    put32(FADT_AT + 40, DSDT_AT);
    put32(FADT_AT + 48, 0xB2);
    *at(FADT_AT + 52) = 2;
    put32(FADT_AT + 64, 0x604);
    seal(FADT_AT);

    begin(RSDT_AT, "RSDT", 36 + 8);
    put32(RSDT_AT + 36, DSDT_AT); /* another table comes first */
    put32(RSDT_AT + 40, FADT_AT);
    seal(RSDT_AT);

    memcpy(at(RSDP_AT), "RSD PTR ", 8);
    put32(RSDP_AT + 16, RSDT_AT);
    make_sum(RSDP_AT, 20, 8);
}

/* Adds an XSDT. */
__attribute__((unused)) static void lay_out_revision_2(void) {
    begin(XSDT_AT, "XSDT", 36 + 8);
    put32(XSDT_AT + 36, FADT_AT);
    put32(XSDT_AT + 40, 0);
    seal(XSDT_AT);
    memcpy(at(RSDP_AT), "RSD PTR ", 8);
    put32(RSDP_AT + 16, RSDT_AT);
    *at(RSDP_AT + 15) = 2;
    put32(RSDP_AT + 20, 36);
    put32(RSDP_AT + 24, XSDT_AT);
    make_sum(RSDP_AT, 20, 8);
    make_sum(RSDP_AT, 36, 32);
}

#endif
