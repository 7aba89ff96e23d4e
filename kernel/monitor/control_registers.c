/*
 * control_registers.c: the command cr: control registers and EFER, with their bits by name.
 * SDM 3A §2.5, §2.2.1.
 */
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <lib/printk.h>
#include <mm/pgtable.h>
#include <monitor/bits.h>
#include <monitor/commands.h>

static const struct bit_name cr0_bits[] = {
    {31, "PG"}, {30, "CD"}, {29, "NW"}, {18, "AM"}, {16, "WP"}, {5, "NE"},
    {4, "ET"},  {3, "TS"},  {2, "EM"},  {1, "MP"},  {0, "PE"},  {0, 0},
};

static const struct bit_name cr3_bits[] = {{4, "PCD"}, {3, "PWT"}, {0, 0}};

static const struct bit_name cr4_bits[] = {
    {21, "SMAP"}, {20, "SMEP"}, {18, "OSXSAVE"}, {17, "PCIDE"}, {14, "SMXE"}, {13, "VMXE"},
    {11, "UMIP"}, {10, "OSXMMEXCPT"}, {9, "OSFXSR"}, {8, "PCE"}, {7, "PGE"}, {6, "MCE"},
    {5, "PAE"},   {4, "PSE"},   {3, "DE"},      {2, "TSD"},   {1, "PVI"},  {0, "VME"}, {0, 0},
};

static const struct bit_name efer_bits[] = {{11, "NXE"}, {10, "LMA"}, {8, "LME"}, {0, "SCE"},
                                            {0, 0}};

static void print_register(const char *name, uint32_t value, const struct bit_name *bits) {
    printk("%s  %08x ", name, value);
    print_bits(value, bits);
    printk("\n");
}

bool command_cr(int argc, char **argv) {
    (void)argc, (void)argv;
    uint32_t cr3 = read_cr3();

    print_register("cr0 ", read_cr0(), cr0_bits);
    printk("cr2   %08x  linear address of the last page fault\n", read_cr2());
    printk("cr3   %08x  root table at %08llx", cr3, cr3 & kernel_mm.mode->root_mask);
    print_bits(cr3, cr3_bits);
    printk("\n");
    if (cpu.has_cr4)
        print_register("cr4 ", read_cr4(), cr4_bits);
    else
        printk("cr4   this processor has none\n");
    if (cpu.nx)
        print_register("efer", (uint32_t)rdmsr(MSR_EFER), efer_bits);
    else
        printk("efer  not used: this processor has no NX\n");
    return true;
}
