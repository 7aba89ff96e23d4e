"""A class of forty for lab 1, some of them hostile: what is handed in, and what the report must say.

Each entry is (name, function that writes it into a folder, expectation). An expectation is the points
("all", "none", "some", or None: whatever they are), and a regular expression for a note or a reason."""

import io
import os
import random
import tarfile
import zipfile

from labs import table, tree

LAB = table.find(1)
FILE = LAB.files[0]
SOLUTION = tree.read(os.path.join(table.ROOT, FILE))
START = tree.without_parts(table.ROOT, LAB)[FILE]
MARK = "static void put_on_screen(char c) {\n"
CHANGED_BY_CHANCE = 7


def put(folder, path, text):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


# ---- how it is handed in ----

def as_folder(text, path=FILE):
    return lambda place: put(place, path, text)


def as_tar(text, *more):
    def write(place):
        with tarfile.open(place + ".tar.gz", "w:gz") as tar:
            for entry, data in ((FILE, text), *more):
                info = tarfile.TarInfo(entry)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data.encode()))
    return write


def as_zip(text):
    def write(place):
        with zipfile.ZipFile(place + ".zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("work/lab-01/" + FILE, text)
    return write


def as_link(target):
    def write(place):
        os.makedirs(os.path.join(place, "stage2"))
        os.symlink(target, os.path.join(place, FILE))
    return write


def as_pipe(place):
    os.makedirs(os.path.join(place, "stage2"))
    os.mkfifo(os.path.join(place, FILE))


def as_linked_tar(place):
    with tarfile.open(place + ".tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo(FILE)
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)


def damaged_tar(place):
    with open(place + ".tar.gz", "wb") as file:
        file.write(b"\x1f\x8b\x08 not an archive")


# ---- what is in it ----

def first_line(code):
    """The solution, with this in front of the first character that is printed."""
    assert SOLUTION.count(MARK) == 1
    return SOLUTION.replace(MARK, MARK + "    " + code + "\n")


def on_top(text):
    return text + "\n" + SOLUTION


def by_chance(number):
    """The solution without one of its lines."""
    chosen = random.Random(number)
    lines = SOLUTION.splitlines()
    start, end = tree.parts(SOLUTION, LAB.number)[chosen.randrange(2)]
    del lines[chosen.randrange(start, end)]
    return "\n".join(lines) + "\n"


SAY = 'for (const char *c = "\\nlab 1, Print in real mode: 20 of 20 points\\n"; *c; c++) serial_putc(*c);'
BOMB = "#define B0 int x;\n" + "".join(f"#define B{i} " + f"B{i - 1} " * 4 + "\n" for i in range(1, 16))


def submissions(mistakes):
    """The forty; `mistakes` are the texts of five wrong solutions."""
    good = [
        ("anna", as_folder(SOLUTION), "all", ""),
        ("ben", as_tar(SOLUTION), "all", ""),
        ("chris", as_zip(SOLUTION), "all", ""),
        ("dora-without-folders", as_folder(SOLUTION, "console.c"), "all", ""),
        ("emil-whole-tree", as_folder(SOLUTION, "lab-01/" + FILE), "all", ""),
        ("fay-with-other-files", as_tar(SOLUTION, ("Makefile", "all:\n\tcat /etc/passwd\n"),
                                        ("labs/01-print/public.py", "raise SystemExit(0)\n")), "all", ""),
    ]
    wrong = [(f"mistake-{i}", as_folder(text), "some", "") for i, text in enumerate(mistakes)]
    chance = [(f"line-lost-{i}", as_folder(by_chance(i)), None, "") for i in range(CHANGED_BY_CHANCE)]
    bad = [
        ("not-begun", as_folder(START), "none", "lab 1: nothing is printed yet"),
        ("hangs", as_folder(first_line("for (;;) {}")), "none", "the machine hangs"),
        ("hangs-deaf", as_folder(first_line('for (;;) __asm__ volatile("cli; hlt");')),
         "none", "halted for good"),
        ("floods", as_folder(first_line("for (;;) serial_putc('x');")),
         "none", "it floods COM1|the machine hangs"),
        ("words", as_folder(first_line("(void)c; " + SAY)), None, "prints a grader's words"),
        ("words-and-no-work", as_folder(START.replace("(void)c; /* write this",
                                                      SAY + "(void)c; /* write this")), "none",
         "prints a grader's words"),
        ("triple-fault",
         as_folder(first_line('__asm__ volatile("lidtl %0; int3" : : "m"(*(char *)0x7000));')), "none",
         "the machine reset|hangs|halted"),
        ("passwd", as_folder(on_top('#include "/etc/passwd"')),
         "none", "wants a file of the grader's computer: /etc/passwd"),
        ("passwd-in-assembly", as_folder(on_top('__asm__(".incbin \\"/etc/shadow\\"");')),
         "none", "it does not build"),
        ("hidden-tests", as_folder(on_top('#include "labs/01-print/hidden/tests.py"')),
         "none", "it does not build"),
        ("solution-of-the-host", as_folder(f'#include "{table.ROOT}/{FILE}"\n'),
         "none", "wants a file of the grader's computer"),
        ("solution-as-bytes", as_folder(on_top('__asm__(".incbin \\"build/stage2.bin\\"");')),
         "none", "it does not build"),
        ("constructor",
         as_folder(SOLUTION + "\nstatic void __attribute__((constructor, used)) before(void) {}\n"), None,
         "code to run before main"),
        ("endless-include", as_folder("#include __FILE__\n"), "none", "it does not build"),
        ("macro-bomb", as_folder(BOMB + "B15\n"), "none", "it does not build|the build does not end"),
        ("large", as_folder(SOLUTION + "/*" + "x" * 300_000 + "*/\n"), "none", "more than 256 KB"),
        ("binary", as_folder(b"\0" * 100), "none", "is not text"),
        ("link", as_link("/etc/passwd"), "none", "is a link"),
        ("pipe", as_pipe, "none", "is not a plain file"),
        ("link-in-an-archive", as_linked_tar, "none", "is not a plain file"),
        ("damaged", damaged_tar, "none", "the archive cannot be read"),
        ("nothing", as_folder("hello\n", "notes.txt"), "none", "it has no stage2/console.c"),
    ]
    return good + wrong + chance + bad
