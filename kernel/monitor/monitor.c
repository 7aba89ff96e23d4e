/*
 * monitor.c: the prompt. Reads a line, finds the command, checks the number of its arguments, runs
 * it. `help` is made from the same table.
 */
#include <ascent/chapter.h>
#include <dev/serial.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <monitor/args.h>
#include <monitor/banner.h>
#include <monitor/break.h>
#include <monitor/commands.h>
#include <monitor/line.h>
#include <monitor/monitor.h>

struct command {
    const char *name;
    const char *args; /* as shown in help: <needed> [optional] */
    int args_min, args_max;
    const char *help;
    bool (*run)(int argc, char **argv); /* 0: a checkpoint is without it */
};

static const struct command commands[] = {
    {"help", "", 0, 0, "this list", command_help},
    {"regs", "", 0, 0, "registers, with selectors and EFLAGS decoded", command_regs},
    {"cr", "", 0, 0, "control registers and EFER, with the bits named", command_cr},
    {"cpuid", "", 0, 0, "what the processor is and can do", command_cpuid},
    {"gdt", "", 0, 0, "the global descriptor table", command_gdt},
    {"idt", "[vector]", 0, 1, "the interrupt descriptor table, or one gate of it", command_idt},
    {"pt", "<address> [pid]", 1, 2, "walk the page tables for an address",
     chapter_part(13, command_pt)},
    {"va2pa", "<selector:offset|address>", 1, 1, "logical to linear to physical",
     chapter_part(13, command_va2pa)},
    {"segment", "<base>", 1, 1, "one offset in two segments: from 0, and from this base",
     command_segment},
    {"mem", "", 0, 0, "page frames by use, and the kernel's address space",
     chapter_part(18, command_mem)},
    {"buddy", "", 0, 0, "free blocks of each zone and order, watermarks",
     chapter_part(18, command_buddy)},
    {"slab", "", 0, 0, "caches of objects", chapter_part(19, command_slab)},
    {"vmap", "", 0, 0, "areas above the direct map", chapter_part(19, command_vmap)},
    {"vm", "<pid> [address]", 1, 2, "the areas of a process, or the pages of one",
     chapter_part(21, command_vm)},
    {"where", "<pid>", 1, 1, "each page of a process: a frame, a slot on the disk, nowhere",
     chapter_part(22, command_where)},
    {"swap", "", 0, 0, "swap areas, and where the clock's hand is", chapter_part(26, command_swap)},
    {"tlb", "", 0, 0, "how often the TLB was flushed, and how", chapter_part(16, command_tlb)},
    {"lesson", "[name] [number]", 0, 2, "show something about memory; alone, lists what",
     chapter_part(19, command_lesson)},
    {"e820", "", 0, 0, "the memory map: raw, and as the loader sanitised it", command_e820},
    {"x", "<address> [bytes]", 1, 2, "hex dump of virtual memory", command_x},
    {"sector", "[disk] <number>", 1, 2, "hex dump of a sector; without a disk, of the one we came from",
     chapter_part(20, command_sector)},
    {"steps", "", 0, 0, "the boot, step by step, with time stamps", command_steps},
    {"report", "", 0, 0, "this machine on one screen, to tell others how it boots", command_report},
    {"fault", "[name]", 0, 1, "cause a fault on purpose; without a name, list them", command_fault},
    {"ps", "", 0, 0, "tasks: state, page tables, kernel stack, time", chapter_part(21, command_ps)},
    {"syscalls", "", 0, 0, "system calls by number, and how often each was made",
     chapter_part(24, command_syscalls)},
    {"disks", "[name]", 0, 1, "disks, and what was read and written; or the CRC-32 of one",
     chapter_part(20, command_disks)},
    {"why", "", 0, 0, "how the last program ended that was ended by a fault",
     chapter_part(20, command_why)},
    {"continue", "", 0, 0, "go on with the programs", chapter_part(20, command_continue)},
    {"reboot", "", 0, 0, "start the machine again", command_reboot},
    {"poweroff", "", 0, 0, "switch the machine off", command_poweroff},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

bool monitor_goes_on;

static void run_line(char *line);

/* Until `continue`, if there is anything to go on with. */
static void answer_commands(void) {
    static char line[LINE_MAX];

    for (monitor_goes_on = false; !monitor_goes_on;) {
        printk("monitor> ");
        line_read(line);
        run_line(line);
    }
}

void monitor_main(void) {
    banner_print();
    serial_write("@READY\n");
    for (;;) answer_commands();
}

void monitor_break(void) {
    printk("\nThe programs stand still. continue goes on with them, help lists the commands.\n");
    answer_commands();
}

static const struct command *find(const char *name) {
    for (unsigned i = 0; i < COMMANDS; i++)
        if (commands[i].run && strcmp(commands[i].name, name) == 0) return &commands[i];
    return 0;
}

static void print_usage(const struct command *command) {
    printk("usage: %s%s%s (%s)\n", command->name, *command->args ? " " : "", command->args,
           command->help);
}

static void run_line(char *line) {
    char *argv[ARGS_MAX];
    int argc = args_split(line, argv);
    if (argc == 0) return;
    if (argc < 0) {
        printk("too many words; 'help' lists the commands\n");
        return;
    }
    const struct command *command = find(argv[0]);
    if (!command) {
        /* Not first in the line: programs take a line that begins with @ for the kernel's own. */
        printk("no command %s; 'help' lists them\n", argv[0]);
        return;
    }
    int args = argc - 1;
    if (args < command->args_min || args > command->args_max || !command->run(argc, argv))
        print_usage(command);
}

bool command_help(int argc, char **argv) {
    (void)argc, (void)argv;
    for (unsigned i = 0; i < COMMANDS; i++) {
        const struct command *command = &commands[i];
        if (!command->run) continue;
        int width = 33 - (int)strlen(command->name);
        printk("  %s %-*s %s\n", command->name, width > 0 ? width : 0, command->args,
               command->help);
    }
    printk("Addresses are hexadecimal, with or without 0x.\n");
    return true;
}
