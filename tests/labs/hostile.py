"""Submissions of those who want to harm the grader, or the others: what is in an archive, how it is called,
what the compiler is made to read, and what the machine does. Each is (name, how to write it, points, what
the report says of it); points: "none", or None where it may have some."""

import gzip
import io
import os
import socket
import tarfile
import zipfile

from submissions import FILE, SOLUTION, START, as_folder, as_tar, first_line, on_top, put

GREETING = "static void put_on_screen(char c) {"


def tar_of(*members, mode="w:gz", end=".tar.gz"):
    """An archive with these (TarInfo fields, data)."""
    def write(place):
        with tarfile.open(place + end, mode) as tar:
            for fields, data in members:
                info = tarfile.TarInfo(fields.pop("name", FILE))
                info.size = len(data)
                for field, value in fields.items():
                    setattr(info, field, value)
                tar.addfile(info, io.BytesIO(data))
    return write


def zip_of(name, data, mode=0o100644, **settings):
    def write(place):
        with zipfile.ZipFile(place + ".zip", "w", zipfile.ZIP_DEFLATED, **settings) as archive:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return write


def zeros(count, start=b"", end=".tar.gz"):
    """`start`, and a gigabyte of zeros for each of `count`, in a few megabytes."""
    def write(place):
        with gzip.open(place + end, "wb", compresslevel=1) as file:
            file.write(start)
            for _ in range(count * 64):
                file.write(bytes(1 << 24))
    return write


def long_header():
    """The start of a tar archive of which the first name is said to be 8 GB long."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 0o77777777777
    return info.tobuf(tarfile.GNU_FORMAT)


def nested(place):
    os.makedirs(place)
    here = os.open(place, os.O_RDONLY)
    for _ in range(200):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def many(place):
    as_folder(SOLUTION)(place)
    for number in range(10_000):
        put(place, f"more/{number % 100}/{number}.c", "")


def too_many(place):
    for number in range(20_100):
        put(place, f"more/{number % 100}/{number}.c", "")


def pipe(place):
    os.mkfifo(place + ".tar.gz")


def link_to(target, end=""):
    return lambda place: os.symlink(target, place + end)


def linked_folder(place):
    os.makedirs(place)
    os.symlink("/", os.path.join(place, "stage2"))


def listener(place):
    os.makedirs(os.path.join(place, "stage2"))
    home = os.getcwd()
    os.chdir(os.path.join(place, "stage2"))
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("console.c")
    os.chdir(home)


def broken_deflate(place):
    as_tar(SOLUTION + "/* " + "".join(chr(33 + i * i % 90) for i in range(5000)) + " */\n")(place)
    with open(place + ".tar.gz", "r+b") as file:
        file.seek(600)
        file.write(b"\xff" * 40)


def lies_about_size(place):
    zip_of(FILE, SOLUTION + "/*" + " " * 900_000 + "*/")(place)
    with open(place + ".zip", "rb") as file:
        data = file.read()
    size = len((SOLUTION + "/*" + " " * 900_000 + "*/").encode()).to_bytes(4, "little")
    with open(place + ".zip", "wb") as file:
        file.write(data.replace(size, (1000).to_bytes(4, "little")))


SAYS = "the archive cannot be read"
# What is refused before anything is built.
HANDED_IN = [
    ("bomb", zeros(1), "none", "has no stage2|" + SAYS),
    ("bomb-behind-a-header", zeros(1, tarfile.TarInfo("x").tobuf()), "none", "has no stage2|" + SAYS),
    ("bomb-of-a-member", zeros(1, (lambda info: (setattr(info, "size", 2 << 30), info.tobuf())[1])(
        tarfile.TarInfo("x"))), "none", "more than 512 MB"),
    ("long-name", zeros(1, long_header()), "none", "too long"),
    ("zip-bomb", zip_of(FILE, bytes(50 << 20)), "none", "more than 256 KB"),
    ("zip-that-lies", lies_about_size, "none", SAYS + "|more than 256 KB"),
    ("zip-link", zip_of(FILE, "/etc/passwd", 0o120777), "none", "not a plain file"),
    ("zip-pipe", zip_of(FILE, "", 0o010644), "none", "not a plain file"),
    ("zip-up", zip_of("../../../../stage2/console.c", "int x;\n"), None, ""),
    ("broken-deflate", broken_deflate, "none", SAYS),
    ("no-zip", lambda place: put("/", place + ".zip", b"PK\3\4" + bytes(90)), "none", SAYS),
    ("absolute", tar_of(({"name": "/etc/cron.d/x"}, b"* * * * * root id\n")), "none", "has no stage2"),
    ("up", tar_of(({"name": "../../../../tmp/from-a-submission/stage2/console.h"}, b"x\n")),
     "none", "has no stage2"),
    ("hard-link", tar_of(({"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"}, b"")),
     "none", "not a plain file"),
    ("device", tar_of(({"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 5}, b"")),
     "none", "not a plain file"),
    ("sparse", tar_of(({"size": 0, "pax_headers": {"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                                                   "GNU.sparse.realsize": "9" * 15}}, b"9\n"),
                      mode="w:gz"), "none", ""),
    ("pipe", pipe, "none", "not a plain file"),
    ("link-to-an-archive", link_to("/dev/zero", ".tar.gz"), "none", "is a link"),
    ("link-to-a-folder", link_to("/"), "none", "neither a folder"),
    ("link-inside", linked_folder, "none", "has no stage2"),
    ("socket", listener, "none", "cannot be read|not a plain file"),
    ("nested", nested, "none", "in each other"),
    ("too-many", too_many, "none", "more than 20000 files"),
    ("words\n   20 of 20  anna", as_folder("x", "notes.txt"), "none", "has no stage2"),
    ("\x1b[2Jred", as_folder("x", "notes.txt"), "none", "has no stage2"),
    (os.fsdecode(b"latin-\xe4"), as_folder("x", "notes.txt"), "none", "has no stage2"),
    ("\u202eanna\u00e9\u4e2d", as_folder("x", "notes.txt"), "none", "has no stage2"),
    ("-rf", as_folder("x", "notes.txt"), "none", "has no stage2"),
    ("$(id)`id`;id", as_folder("x", "notes.txt"), "none", "has no stage2"),
]

DIGITS = "1" * 200_000
IN_THE_COMPILER = [
    ("proc", as_folder(on_top('#include "/proc/self/environ"')), None,  # of the sandbox: empty
     "wants a file of the grader's computer"),
    ("up-and-up", as_folder(on_top('#include "../../../../../../etc/passwd"')), "none", "wants a file"),
    ("zero", as_folder(on_top('__asm__(".incbin \\"/dev/zero\\"");')), "none", "wants a file"),
    ("standard-input", as_folder(on_top('__asm__(".include \\"/dev/stdin\\"");')), None, "wants a file"),
    ("grader", as_folder(on_top('#include "/work/labs/01-print/hidden/tests.py"')), "none", "wants a file"),
    ("words-of-the-build", as_folder(on_top('#error "lab 1, Print in real mode: 20 of 20 points"')), "none",
     "prints a grader's words"),
    ("escape", as_folder(on_top("#error \x1b[2J\x1b[1;1Hok 20/20\x07")), "none", "it does not build"),
    ("long-number", as_folder(on_top("#error " + DIGITS)), "none", "it does not build"),
    ("long-line", as_folder(on_top("/* " + 'include"../' * 20_000 + " */")), None, ""),
    ("longer-line", as_folder(on_top("/* " + "include " * 20_000 + '"' + "a" * 80_000 + " */")), None, ""),
    ("large-section", as_folder(on_top('__asm__(".section .data\\n.fill 0x7fffffff");')), "none",
     "it does not build|the build does not end"),
    ("endless-macro", as_folder(on_top('__asm__(".rept 2000000000\\n.byte 1\\n.endr");')), "none",
     "it does not build|the build does not end"),
    ("pragma", as_folder(on_top('#pragma GCC pch_preprocess "/etc/passwd"')), None, ""),
    ("many-words", as_folder(on_top("#warning x\n" * 20_000)), None, ""),
    ("many-files", many, "all", ""),
]

IN_THE_MACHINE = [
    ("idles", as_folder(first_line('for (;;) __asm__ volatile("sti; hlt");')), "none",
     "the machine hangs|waits for"),
    ("off", as_folder(first_line('__asm__ volatile("outw %w0, %w1" : : "a"(0x2000), "Nd"(0x604));'
                                 '__asm__ volatile("outw %w0, %w1" : : "a"(0x2000), "Nd"(0xB004));'
                                 '__asm__ volatile("outb %b0, %w1" : : "a"(6), "Nd"(0xCF9));')), "none",
     "the machine reset"),
    ("exit-device", as_folder(first_line('__asm__ volatile("outb %b0, %w1" : : "a"(0x10), "Nd"(0xF4));')),
     "all", ""),
    ("debug-port", as_folder(START.replace(
        GREETING, GREETING + '\n    for (const char *s = "ok  3/3 first word\\n20 of 20 points\\n"; *s; s++)'
        '\n        outb(DEBUG_PORT, (uint8_t)*s);')), "none", "lab 1: nothing is printed yet"),
    ("forged-kernel", as_folder(START.replace("#include <stdarg.h>", "#include <stdarg.h>\n"
                                              "void kmain(void);\nvoid kmain(void) {}", 1)),
     "none", "names of the kernel's: kmain"),
    ("writes-over-itself", as_folder(first_line("__builtin_memset((void *)0x600, (int)c, 0x70000);")),
     None, ""),
    ("writes-the-disk", as_folder(first_line(
        "for (uint32_t i = 0; i < 99; i++) { struct bios_regs w = {.eax = 0x0301, .ecx = 1 + i % 60,"
        " .edx = 0x80, .ebx = 0x7C00}; bios_int(0x13, &w); }")), None, ""),
    ("long-words", as_folder(first_line('for (int i = 0; i < 9999; i++) serial_putc(\'1\');')), None, ""),
]
