/*
 * describe.c: those who know something about a linear address.
 */
#include <cpu/describe.h>
#include <cpu/panic.h>

#define DESCRIBERS_MAX 4

static describer *describers[DESCRIBERS_MAX];
static unsigned count;

void describe_add(describer *describe) {
    if (count == DESCRIBERS_MAX) panic("describe_add: more than %u", DESCRIBERS_MAX);
    describers[count++] = describe;
}

void describe_address(uint32_t address) {
    for (unsigned i = 0; i < count; i++) describers[i](address);
}
