"""back.py: back in time, in a machine that plays a recording (make step-gdb BACK=1; docs/debugging.md).

GDB's own commands go back: reverse-stepi by one instruction, reverse-continue to the stop before.
`last-write` asks who wrote to a place in memory last, or who changed one bit of it."""

import os
import signal
import threading

import __main__
import gdb


RESET = 0xFFF0  # EIP at reset, where a recording begins
EVERY_BIT = 0xFFFFFFFF
LIMIT = 120  # seconds for a search
PATIENCE = 5  # seconds for QEMU to stop, when the time is over


def step_stops():
    """Those of step.py, which would stop each search."""
    return getattr(__main__, "STOPS", [])


class Limit:
    """Stops the machine after LIMIT seconds, as Ctrl+C does. Where QEMU does not answer, the second
    Ctrl+C makes GDB give it up."""

    def __init__(self):
        self.over = False
        self.done = threading.Event()

    def watch(self):
        wait = LIMIT
        while not self.done.wait(wait):
            self.over = True
            os.kill(os.getpid(), signal.SIGINT)
            wait = PATIENCE

    def __enter__(self):
        threading.Thread(target=self.watch, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.done.set()

    def execute(self, command):
        try:
            gdb.execute(command, to_string=True)
        except (gdb.error, KeyboardInterrupt) as error:
            if not self.over:
                raise
            raise gdb.GdbError(f"last-write: QEMU does not answer after {LIMIT} s: `quit` ends it") from error
        if self.over:
            raise gdb.GdbError(f"last-write: no such write found within {LIMIT} s. `continue` goes to the "
                               "start of the recording, and from there forward.")


class LastWrite(gdb.Command):
    """last-write ADDRESS [BIT]: back to the instruction that last wrote the 32 bits there.

With BIT, 0 to 31, to the one that last gave that bit another value. The machine then stands in front of
it. ADDRESS is a linear address, as an expression: 0x1c000, or &boot_info.flags. While EIP is in 16-bit
code, that is the physical address."""

    def __init__(self):
        super().__init__("last-write", gdb.COMMAND_RUNNING, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if not 1 <= len(words) <= 2 or (len(words) == 2 and not words[1].isdigit()):
            raise gdb.GdbError("last-write ADDRESS [BIT]")
        place = f"*(unsigned int *)({words[0]})"
        try:
            gdb.parse_and_eval(f"({words[0]})")
        except gdb.error as error:
            raise gdb.GdbError(f"last-write: {error}") from error
        mask = 1 << int(words[1]) if len(words) == 2 else EVERY_BIT
        if mask > EVERY_BIT:
            raise gdb.GdbError("BIT is 0 to 31")
        others = [stop for stop in (*step_stops(), *(gdb.breakpoints() or ())) if stop.enabled]
        for stop in others:
            stop.enabled = False
        watch = gdb.Breakpoint(place, gdb.BP_WATCHPOINT, gdb.WP_WRITE, internal=True)
        watch.silent = True
        try:
            before, after = self.search(place, mask)
        finally:
            watch.delete()
            for stop in others if gdb.selected_inferior().pid else ():  # 0: GDB has given QEMU up
                stop.enabled = True
        if before is None:
            print("Nobody wrote there since the recording began. The machine stands there now, at reset:\n"
                  "`continue` goes forward.")
            return
        print(f"{before:08x} -> {after:08x} by:")
        gdb.execute("x/i $pc")
        gdb.execute("info line *$pc")

    @staticmethod
    def search(place, mask):
        """(the value before the write, the one after it): back from write to write, until one fits."""
        with Limit() as limit:
            while True:
                limit.execute("reverse-continue")  # to behind the instruction that wrote
                if int(gdb.parse_and_eval("$pc")) == RESET:
                    return None, None
                after = int(gdb.parse_and_eval(place))
                limit.execute("reverse-stepi")
                before = int(gdb.parse_and_eval(place))
                if (before ^ after) & mask or mask == EVERY_BIT:
                    return before, after


LastWrite()
print("A recording: reverse-stepi (rsi), reverse-continue (rc), last-write ADDRESS [BIT].")
