/*
 * registers.c: the command regs.
 */
#include <lib/printk.h>
#include <monitor/bits.h>
#include <monitor/commands.h>
#include <monitor/descriptor.h>
#include <monitor/registers.h>

/* SDM 1 §3.4.3. */
static const struct bit_name eflags_bits[] = {
    {21, "ID"}, {20, "VIP"}, {19, "VIF"}, {18, "AC"}, {17, "VM"}, {16, "RF"},
    {14, "NT"}, {11, "OF"},  {10, "DF"},  {9, "IF"},  {8, "TF"},  {7, "SF"},
    {6, "ZF"},  {4, "AF"},   {2, "PF"},   {0, "CF"},  {0, 0},
};

/* A selector is index << 3 | TI << 2 | RPL (SDM 3A §3.4.2). */
static void print_selector(const char *name, uint32_t selector) {
    struct segment segment;

    selector &= 0xFFFF;
    printk("%s %04x  ", name, selector);
    if ((selector & ~3u) == 0) {
        printk("null\n");
        return;
    }
    printk("%s %u, rpl %u: ", selector & 4 ? "LDT" : "GDT", selector >> 3, selector & 3);
    if (segment_read(selector, &segment)) {
        printk("base %08x limit %08x ", segment.base, segment.limit);
        segment_print_type(&segment);
    }
    printk("\n");
}

bool command_regs(int argc, char **argv) {
    (void)argc, (void)argv;
    struct registers regs;
    uint16_t task, ldt;
    struct table_register gdtr = read_gdtr(), idtr = read_idtr();

    registers_capture(&regs);
    __asm__ volatile("str %0" : "=r"(task));
    __asm__ volatile("sldt %0" : "=r"(ldt));

    printk("eax=%08x ebx=%08x ecx=%08x edx=%08x\n", regs.eax, regs.ebx, regs.ecx, regs.edx);
    printk("esi=%08x edi=%08x ebp=%08x esp=%08x\n", regs.esi, regs.edi, regs.ebp, regs.esp);
    printk("eip=%08x eflags=%08x", regs.eip, regs.eflags);
    print_bits(regs.eflags, eflags_bits);
    printk(" IOPL=%u\n", regs.eflags >> 12 & 3);
    print_selector("cs  ", regs.cs);
    print_selector("ds  ", regs.ds);
    print_selector("es  ", regs.es);
    print_selector("fs  ", regs.fs);
    print_selector("gs  ", regs.gs);
    print_selector("ss  ", regs.ss);
    print_selector("tr  ", task);
    print_selector("ldtr", ldt);
    printk("gdtr base %08x limit %04x\n", gdtr.base, gdtr.limit);
    printk("idtr base %08x limit %04x\n", idtr.base, idtr.limit);
    return true;
}
