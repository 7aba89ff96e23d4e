/*
 * commands.h: every command of the monitor. Each has a row in the table of monitor.c.
 *
 * argv[0] is the command's name; monitor.c has checked the number of arguments. A command answers
 * false when it cannot make sense of an argument; the monitor then prints how it is used.
 */
#ifndef MONITOR_COMMANDS_H
#define MONITOR_COMMANDS_H

#include <stdbool.h>

bool command_help(int argc, char **argv);
bool command_regs(int argc, char **argv);
bool command_gdt(int argc, char **argv);
bool command_idt(int argc, char **argv);
bool command_cr(int argc, char **argv);
bool command_pt(int argc, char **argv);
bool command_va2pa(int argc, char **argv);
bool command_slab(int argc, char **argv);
bool command_vmap(int argc, char **argv);
bool command_vm(int argc, char **argv);
bool command_where(int argc, char **argv);
bool command_swap(int argc, char **argv);
bool command_tlb(int argc, char **argv);
bool command_lesson(int argc, char **argv);
bool command_buddy(int argc, char **argv);
bool command_segment(int argc, char **argv);
bool command_mem(int argc, char **argv);
bool command_e820(int argc, char **argv);
bool command_sector(int argc, char **argv);
bool command_x(int argc, char **argv);
bool command_steps(int argc, char **argv);
bool command_cpuid(int argc, char **argv);
bool command_report(int argc, char **argv);
bool command_reboot(int argc, char **argv);
bool command_poweroff(int argc, char **argv);
bool command_fault(int argc, char **argv);
bool command_ps(int argc, char **argv);
bool command_disks(int argc, char **argv);
bool command_syscalls(int argc, char **argv);
bool command_why(int argc, char **argv);
bool command_continue(int argc, char **argv);

#endif
