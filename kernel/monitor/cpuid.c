/*
 * cpuid.c: the command cpuid.
 */
#include <cpu/cpuid.h>
#include <lib/printk.h>
#include <monitor/commands.h>

#define LEAVES_MAX 32

static void print_features(void) {
    const struct {
        const char *name;
        bool there;
    } features[] = {
        {"fpu", cpu.fpu},     {"pse", cpu.pse},     {"tsc", cpu.tsc},   {"msr", cpu.msr},
        {"pae", cpu.pae},     {"cx8", cpu.cx8},     {"apic", cpu.apic}, {"sep", cpu.sep},
        {"pge", cpu.pge},     {"pat", cpu.pat},     {"pse36", cpu.pse36}, {"sse", cpu.sse},
        {"sse2", cpu.sse2},   {"smep", cpu.smep},   {"smap", cpu.smap}, {"umip", cpu.umip},
        {"nx", cpu.nx},       {"long-mode", cpu.long_mode},
    };

    printk("features ");
    for (unsigned i = 0; i < sizeof features / sizeof features[0]; i++)
        if (features[i].there) printk(" %s", features[i].name);
    printk("\n");
}

/* The leaves from `first` on, as the processor gives them; the first one says how many there are. */
static void print_leaves(uint32_t first) {
    uint32_t r[4];

    cpuid(first, 0, r);
    uint32_t last = r[0];
    if (last < first || last - first >= LEAVES_MAX) last = first;
    for (uint32_t leaf = first; leaf <= last; leaf++) {
        cpuid(leaf, 0, r);
        printk("%08x  eax=%08x ebx=%08x ecx=%08x edx=%08x\n", leaf, r[0], r[1], r[2], r[3]);
    }
}

bool command_cpuid(int argc, char **argv) {
    (void)argc, (void)argv;
    if (!cpu.has_cpuid) {
        printk("a 486 without the CPUID instruction\n");
        return true;
    }
    printk("vendor    %s\nbrand     %s\n", cpu.vendor, cpu.brand[0] ? cpu.brand : "none given");
    printk("signature family %u, model %u, stepping %u\n", cpu.family, cpu.model, cpu.stepping);
    print_features();
    print_leaves(0);
    print_leaves(0x80000000);
    return true;
}
