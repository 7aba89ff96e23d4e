/*
 * bits.c: prints the named bits of a value.
 */
#include <lib/printk.h>
#include <monitor/bits.h>

void print_bits(uint64_t value, const struct bit_name *names) {
    for (; names->name; names++)
        if (value >> names->bit & 1) printk(" %s", names->name);
}
