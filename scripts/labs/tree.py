"""A learner's checkout: the whole source, but for the part that a lab takes out.

The part lies between two comments in the real source, `lab N: begin` and `lab N: end`. There is no
second copy of it anywhere: the solution is the source.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tarfile

from . import table
from .table import Problem

sys.path.insert(0, os.path.join(table.ROOT, "scripts"))
import book  # noqa: E402

MARK = re.compile(r"^[ \t]*(?:/\*|;) lab (\d+): (begin|end)\b")
# What lies in a tree, but is not source, and what no learner gets: answers of all kinds.
NOT_SOURCE = re.compile(r"^(build|work|\.git|\.toolchain|disk\.img|node_modules|__pycache__)$")
NOT_FOR_LEARNERS = re.compile(r"^((labs/[^/]*/hidden|tests/labs)/"
                              r"|docs/teaching/(question-answers\.md|questions\.toml)$)")
# The source fills its share of real mode to the last bytes. Up to the next line there are 4 KB, which a
# lab may use: for its words, and for code that is longer than ours.
ROOM = {"file": "scripts/stage2-size", "find": '"$("$here/constant" STAGE2_REAL_MAX)"',
        "put": "$(($(\"$here/constant\" STAGE2_REAL_MAX) + 3072))"}
SUPPORT = {"lab_missing.h": "stage2", "lab_missing.c": "stage2", "pm_lab_missing.c": "stage2/pm"}


def sources(root):
    """All source files of a tree, by their paths in it."""
    if os.path.exists(os.path.join(root, ".git")):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
        return [path for path in listed.stdout.decode().split("\0") if path]
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not NOT_SOURCE.match(name)]
        found += [os.path.relpath(os.path.join(folder, name), root)
                  for name in files if not NOT_SOURCE.match(name)]
    return sorted(found)


def parts(text, number):
    """The marked parts of a file: (first line, line behind the last) of what is between the marks."""
    found, start = [], None
    for at, line in enumerate(text.splitlines()):
        mark = MARK.match(line)
        if not mark or int(mark[1]) != number:
            continue
        if (mark[2] == "begin") == (start is not None):
            raise Problem(f"line {at + 1}: lab {number}: marks do not come in pairs")
        if mark[2] == "begin":
            start = at + 1
        else:
            found.append((start, at))
            start = None
    if start is not None:
        raise Problem(f"lab {number}: no end")
    return found


def solution(root, lab):
    """[(path, first line number, text)] of each part."""
    found = []
    for path in lab.files:
        text = read(os.path.join(root, path))
        lines = text.splitlines()
        found += [(path, start + 1, "\n".join(lines[start:end]) + "\n")
                  for start, end in parts(text, lab.number)]
    return found


def without_parts(root, lab):
    """{path: text} of the lab's files, with the stubs in place of the parts."""
    stubs, files = list(lab.stub), {}
    for path in lab.files:
        text = read(os.path.join(root, path))
        lines = text.splitlines()
        for start, end in reversed(parts(text, lab.number)):
            if not stubs:
                raise Problem(f"lab {lab.number}: more parts than stubs")
            lines[start:end] = stubs.pop().rstrip("\n").splitlines()
        files[path] = "\n".join(lines) + "\n"
    if stubs:
        raise Problem(f"lab {lab.number}: more stubs than parts")
    return files


def given(root, lab):
    """{path: text} of other files that are different in this lab."""
    files = {}
    for change in [ROOM, *lab.given]:
        path = change["file"]
        text = files.get(path) or read(os.path.join(root, path))
        if text.count(change["find"]) != 1:
            raise Problem(f"lab {lab.number}: {path} does not have this once: {change['find']}")
        files[path] = text.replace(change["find"], change["put"])
    for name, folder in SUPPORT.items():
        files[os.path.join(folder, name)] = read(os.path.join(root, "labs/support", name))
    return files


def without_answers(text, lab, answer):
    """A page of the book, without the pieces of source in it that show what the lab takes out."""
    def hide(match):
        if not any(line in match[0] for line in answer):
            return match[0]
        return f"*This piece is what lab {lab.number} takes out.*\n"
    return re.sub(r"^```[^\n]*\n.*?^```\n", hide, text, flags=re.S | re.M)


def telling_lines(root, lab):
    """Lines of the solution that can be recognised: long enough, and nowhere else in its files."""
    rest = "\n".join(without_parts(root, lab).values())
    return [line.strip() for _, _, text in solution(root, lab) for line in text.splitlines()
            if len(line.strip()) > 12 and line.strip() not in rest]


def checkout(root, lab, target, documents=True):
    """Makes or updates a learner's checkout. Files that are as they should be keep their time, so
    that little is built again."""
    changed = {**without_parts(root, lab), **given(root, lab), ".lab": f"{lab.number}\n"}
    answer = telling_lines(root, lab)
    wanted = set(changed)
    for path in sources(root):
        if NOT_FOR_LEARNERS.match(path) or (not documents and path.startswith("docs/")
                                            and not path.startswith("docs/examples")):
            continue
        wanted.add(path)
        source, copy = os.path.join(root, path), os.path.join(target, path)
        if path in changed or not os.path.isfile(source):
            continue
        if re.match(r"docs/.*\.md$", path):
            write_changed(copy, without_answers(read(source), lab, answer))
        else:
            copy_changed(source, copy)
    for path, text in changed.items():
        write_changed(os.path.join(target, path), text)
        if os.path.exists(os.path.join(root, path)):
            shutil.copymode(os.path.join(root, path), os.path.join(target, path))
    return wanted


def copy_build(root, target, lab):
    """Starts from what is built already, but for what could hold the solution."""
    build = os.path.join(root, "build")
    if os.path.exists(os.path.join(target, "build")) or not os.path.exists(os.path.join(build, "KERNEL.ELF")):
        return
    names = ["include", "linker", "stage1", "stage2", "kernel", "user", "lines-none.o", "lines-none.d",
             "lines-none.c", "INITRD.CPI", "initrd-user.cpi", "image-settings"]
    os.makedirs(os.path.join(target, "build"))
    subprocess.run(["cp", "-a", *[os.path.join(build, name) for name in names
                                  if os.path.exists(os.path.join(build, name))],
                    os.path.join(target, "build")], check=True)
    for path in lab.files:
        stem = os.path.splitext(path)[0]
        for made in glob.glob(os.path.join(target, "build", stem + ".*")):
            os.remove(made)
    for path in ("include/real.bin", "kernel/bios/image.asm.o", "stage2/pm32.o"):
        if os.path.exists(os.path.join(target, "build", path)):
            os.remove(os.path.join(target, "build", path))


def archive(root, lab, path, scratch):
    """A learner's checkout as one file, for who is not to have the solution, nor the answers to the
    exercises."""
    name = f"ascent-lab-{lab.number:02d}"
    shutil.rmtree(scratch, ignore_errors=True)
    checkout(root, lab, os.path.join(scratch, name))
    for page in glob.glob(os.path.join(scratch, name, "docs/*.md")):
        write_changed(page, book.take_answers(read(page))[0])  # of the chapters' exercises
    with tarfile.open(path, "w:gz") as tar:
        tar.add(os.path.join(scratch, name), name, filter=nobodys)
    shutil.rmtree(scratch)


def nobodys(entry):
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


# Files.

def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write_changed(path, text):
    if os.path.isfile(path) and read(path) == text:
        return
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def copy_changed(source, copy):
    if os.path.lexists(copy):
        old, new = os.stat(copy), os.stat(source)
        if (old.st_size, old.st_mtime_ns) == (new.st_size, new.st_mtime_ns):
            return
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    shutil.copy2(source, copy)


def all_labs_of(text):
    """The numbers of the labs that a file has marks of."""
    return {int(mark[1]) for mark in map(MARK.match, text.splitlines()) if mark}


__all__ = ["archive", "checkout", "copy_build", "parts", "solution", "sources", "table"]
