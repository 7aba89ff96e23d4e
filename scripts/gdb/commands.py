"""commands.py: GDB commands that show the tables of the processor, and what the loader has found.

gdt, idt, pd, pt and e820 print what the commands of the same names print at the kernel's prompt,
but at any time, in any mode. ascent.gdb loads this."""

import gdb
import x86

machine = x86.Machine(lambda line: gdb.execute("monitor " + line, to_string=True))


def command(function):
    """Makes a command of a function that takes the argument and returns lines."""
    class Command(gdb.Command):
        __doc__ = function.__doc__

        def __init__(self):
            super().__init__(function.__name__, gdb.COMMAND_USER)

        def invoke(self, argument, from_tty):
            try:
                print("\n".join(function(argument)))
            except x86.NotMapped as error:
                raise gdb.GdbError(str(error)) from error
    Command()
    return function


@command
def gdt(_):
    """The global descriptor table, decoded."""
    return machine.gdt(machine.registers())


@command
def idt(_):
    """The interrupt descriptor table; in real mode the first 32 vectors."""
    return machine.idt(machine.registers())


@command
def pd(_):
    """The page directory: its present entries, and what each maps. Neighbours are one line."""
    return machine.page_directory(machine.registers())


@command
def pt(argument):
    """pt ADDRESS: the way of a linear address through the page tables. Hexadecimal, or any
expression with a $ or 0x in it, such as $esp."""
    if not argument:
        raise gdb.GdbError("usage: pt ADDRESS")
    try:
        address = int(argument, 16)
    except ValueError:
        address = int(gdb.parse_and_eval(argument))
    return str(machine.walk(address & 0xFFFFFFFF, machine.registers())).splitlines()


@command
def e820(_):
    """The memory map as the BIOS gave it (raw) and as the loader made it (map)."""
    return machine.memory_maps()
