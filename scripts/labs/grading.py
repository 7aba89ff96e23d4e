"""From a submission to points: its files in a tree of ours, built and run in sandboxes, and judged by
the state of the machine."""

import contextlib
import fcntl
import importlib.util
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass, field

from . import sandbox, table, tree
from .machine import Ended, Machine, names_taken, symbols_of
from .submission import Refused

BUILD_SECONDS = 900  # by the clock: the computer may have other work; each compiler has 120 of its own
LINE_MAX = 300       # characters of a line that a report repeats
CACHE = os.path.join(table.ROOT, "build/labs")
# The words of a report. A machine has no reason to say them.
# They and HOST_FILE look at what a submission has written: each takes no more time than the text is long.
OUR_WORDS = re.compile(r"\d of \d{1,4} points|^ {0,9}(ok|lost) {1,9}\d{1,4}/\d{1,4} "
                       r"|\"points\" {0,9}:|all tests passed", re.M | re.I)


class Lost(Exception):
    """Points are lost, for this reason."""


@dataclass
class Result:
    lab: table.Lab
    name: str = ""
    tests: list = field(default_factory=list)  # {"name", "points", "of", "hidden", "reason"}
    named: list = field(default_factory=list)  # what it did that no solution does
    build: str = ""                            # the end of what the build said, if it failed

    @property
    def points(self):
        return sum(test["points"] for test in self.tests)

    @property
    def total(self):
        return sum(test["of"] for test in self.tests)

    def as_data(self):
        return {"submission": self.name, "lab": self.lab.number, "points": self.points, "of": self.total,
                "named": self.named, "build": self.build, "tests": self.tests}


class Grader:
    """What a test is given: machines with the submission in them, numbers that nobody can know before,
    and a way to say what is wrong."""

    def __init__(self, built, seed=None, ours=None):
        self.tree = built
        self.random = random.Random(seed) if seed is not None else random.SystemRandom()
        self.symbols = symbols_of(built, ours)
        self.machines = {}
        self.ended = {}
        self.serial = []
        self.hung = None

    def lose(self, reason):
        raise Lost(reason)

    def expect(self, found, wanted, what, show=str):
        """Points are lost unless the two are the same."""
        if found != wanted:
            self.lose(f"{what} is {show(found)}, not {show(wanted)}")

    def machine(self, *arguments, **settings):
        """A new machine, stopped at its first instruction."""
        if self.hung:
            raise Ended("hangs", f"not tried any more: {self.hung}")
        machine = Machine(self.tree, self.symbols, *arguments, **settings)
        self.machines[object()] = machine
        return machine

    def boot(self, symbol, *arguments, **settings):
        """A machine that stands at `symbol`. The same for all tests that want the same."""
        key = (symbol, arguments, tuple(sorted((name, str(value)) for name, value in settings.items())))
        if key in self.ended:
            raise self.ended[key]
        if key not in self.machines or not self.machines[key].alive():
            if key in self.machines:
                self.machines[object()] = self.machines.pop(key)  # ended in a test before: for close()
            machine = self.machine(*arguments, **settings)
            try:
                machine.run_to(symbol)
            except Ended as end:
                self.ended[key] = end
                raise
            self.machines[key] = machine
        return self.machines[key]

    def close(self):
        for machine in set(self.machines.values()):
            machine.close()
            self.serial.append(machine.serial)


def load(path, name):
    """A file of ours as a module."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tests_in(module):
    return {name.removeprefix("test_"): function for name, function in vars(module).items()
            if name.startswith("test_")}


_loading = threading.Lock()
_loaded = {}


def both_tests(lab):
    """The public tests of a lab, and the hidden ones, which may import the others as `public`."""
    with _loading:
        if lab.number not in _loaded:
            public, secret = load(os.path.join(lab.folder, "public.py"), "public"), {}
            hidden = os.path.join(lab.folder, "hidden/tests.py")
            if os.path.exists(hidden):
                sys.modules["public"] = public
                secret = tests_in(load(hidden, "hidden"))
                del sys.modules["public"]
            _loaded[lab.number] = tests_in(public), secret
        return _loaded[lab.number]


def tests_of(lab, hidden):
    """[(name, function, is hidden)] in the order of lab.toml, which has the points of each."""
    public, secret = both_tests(lab)
    return [(name, public.get(name) or secret[name], name in secret) for name in lab.points
            if name in public or hidden and name in secret]


# ---- the tree ----

def base(lab):
    """A learner's checkout of the lab, built: with nothing of the solution in it. Made once, brought up
    to date after that."""
    folder = os.path.join(CACHE, f"{lab.number:02d}")
    os.makedirs(CACHE, exist_ok=True)
    with locked(folder + ".lock"):
        if newer(os.path.join(table.ROOT, "build/KERNEL.ELF"), os.path.join(folder, "disk.img")):
            shutil.rmtree(folder, ignore_errors=True)  # to start from what has been built since is quicker
        os.makedirs(folder, exist_ok=True)
        tree.copy_build(table.ROOT, folder, lab)
        tree.checkout(table.ROOT, lab, folder, documents=False)
        status, output = build(folder, lab)
        if status != 0:
            raise table.Problem(f"lab {lab.number}: the learner's checkout does not build:\n{output[-3000:]}")
    return folder


def newer(path, other):
    return os.path.exists(path) and os.path.exists(other) and os.path.getmtime(path) > os.path.getmtime(other)


@contextlib.contextmanager
def locked(path):
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(folder, lab):
    """Builds the image of a tree. (status, output)"""
    command = ["make", "--no-print-directory", "SETUP=no", "disk.img", *lab.needs]
    if sandbox.available():
        return sandbox.run(command, folder, seconds=BUILD_SECONDS)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def words_of_build(output):
    """The first errors of what a build says: enough to see what is wrong."""
    lines = [line for line in output.splitlines() if not re.match(r"^  [A-Z0-9]+ +\S+$", line)]
    telling = r"error|undefined|multiple definition|more than its|too long"
    errors = [line for line in lines if re.search(telling, line)]
    return "\n".join(line[:LINE_MAX] for line in (errors or lines[-5:])[:6])


# ---- grading ----

def judge(lab, grader, hidden):
    results = []
    for name, function, is_hidden in tests_of(lab, hidden):
        points, reason = lab.points[name], ""
        try:
            function(grader)
        except (Lost, Ended) as lost:
            points, reason = 0, str(lost)
            if isinstance(lost, Ended) and lost.kind in ("hangs", "floods"):
                grader.hung = grader.hung or str(lost)
        except table.Problem:
            raise
        except (ConnectionError, EOFError):
            points, reason = 0, "the machine has ended meanwhile"
        except Exception as error:  # the machine is in a state that the test did not expect
            last = traceback.extract_tb(error.__traceback__)[-1]
            points = 0
            reason = (f"the machine is in a state that cannot be judged: {type(error).__name__} {error} "
                      f"({os.path.basename(last.filename)}:{last.lineno})")
        results.append({"name": name, "points": points, "of": lab.points[name], "hidden": is_hidden,
                        "reason": reason})
    return results


def what_it_did(grader, tests):
    """Behaviour that a teacher should know of, whatever the points."""
    named = []
    for end in grader.ended.values():
        if end.kind in ("hangs", "floods", "reset") and str(end) not in named:
            named.append(str(end))
    if grader.hung and grader.hung not in named:
        named.append(grader.hung)
    for serial in grader.serial:
        said = OUR_WORDS.search(serial)
        if said:
            named.append(f"it prints a grader's words on COM1, which nobody reads: {said[0].strip()!r}")
            break
    return named


def lost_all(lab, hidden, reason):
    return [{"name": name, "points": 0, "of": lab.points[name], "hidden": is_hidden, "reason": reason}
            for name, _, is_hidden in tests_of(lab, hidden)]


def grade_built(lab, folder, hidden, name, seed=None, ours=None):
    """Judges a tree that is built. `ours`: the learner's checkout that it was made from."""
    result = Result(lab, name)
    grader = Grader(folder, seed, ours)
    try:
        result.tests = judge(lab, grader, hidden)
    finally:
        grader.close()
    result.named = what_it_did(grader, result.tests)
    return result


def grade_files(lab, files, name, hidden=True, seed=None):
    """Grades the files of a submission, {path: bytes}, in a tree of ours."""
    start = base(lab)
    folder = tempfile.mkdtemp(prefix="run-", dir=CACHE)
    try:
        subprocess.run(["cp", "-a", "--sparse=always", start + "/.", folder], check=True)
        os.remove(os.path.join(folder, "disk.img"))
        for path, data in files.items():
            with open(os.path.join(folder, path), "wb") as file:
                file.write(data)
        status, output = build(folder, lab)
        if status != 0:
            result = Result(lab, name, build=words_of_build(output))
            reason = "the build does not end" if status == "time" else \
                "it does not build: " + (result.build.splitlines() or ["no word of why"])[0]
            result.tests = lost_all(lab, hidden, reason)
            result.named = named_of_source(files, output)
            return result
        result = grade_built(lab, folder, hidden, name, seed, start)
        result.named = named_of_source(files, output) + named_of_symbols(folder, start) + result.named
        return result
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# Files of the computer that builds: a sandbox has none of them, so this only says so.
HOST_FILE = re.compile(r"""\b(?:incbin|include(?:_next)?|__has_include)\b[^\n"<]{0,40}"""
                       r"""\\?["'<]([^">'\n\\]{0,200})""", re.I)
# Code that a program runs before main(). The word alone is not: the slab has constructors, too.
BEFORE_MAIN = re.compile(r"__attribute__\s{0,9}\([^;{\n]{0,80}\bconstructor\b|\.(?:pre)?init_array")


def named_of_source(files, output):
    named = []
    for path, data in files.items():
        text = data.decode("utf-8", "replace")
        for match in HOST_FILE.finditer(text):
            if match[1].startswith("/") or match[1].count("../") > 1:
                named.append(f"{path} wants a file of the grader's computer: {match[1]}")
                break
        if BEFORE_MAIN.search(text):
            named.append(f"{path} has code to run before main() (nothing of it runs on this computer)")
    if OUR_WORDS.search(output):
        named.append("its build prints a grader's words, which nobody reads")
    return named


# Where tests wait for a kernel.
STOPS = ("kmain", "mm_init", "tty_init", "first_program_run", "sys_wait4", "buddy_release", "trap_dispatch")


def named_of_symbols(folder, ours):
    names = [name for name in names_taken(folder, ours) if name in STOPS]
    return [f"its loader has names of the kernel's: {', '.join(names[:5])}"] if names else []


def refused(lab, name, reason, hidden=True):
    result = Result(lab, name)
    result.tests = lost_all(lab, hidden, reason)
    result.named = [reason]
    return result


# ---- what is printed ----

def plain(text):
    """Names, and what compilers and machines say, come from submissions: none of it ends a line, moves
    the cursor or is no text at all."""
    return "".join(c if c.isprintable() else " " if c == "\t" else ascii(c)[1:-1] for c in text)


def report(result):
    lines, reasons = [], {test["reason"] for test in result.tests}
    if len(reasons) == 1 and result.points == 0:
        lines.append(f"  lost   0/{result.total:<2} all of it: {reasons.pop()}")
    for test in result.tests if not lines else []:
        label = test["name"].replace("_", " ") + (" (hidden)" if test["hidden"] else "")
        if test["points"] == test["of"]:
            lines.append(f"  ok    {test['points']:2}/{test['of']:<2} {label}")
        else:
            lines.append(f"  lost  {test['points']:2}/{test['of']:<2} {label}: {test['reason']}")
    for words in result.named:
        lines.append(f"  note: {words}")
    if result.build:
        lines += ["  the build said:", *("    " + line for line in result.build.splitlines())]
    lines.append(f"lab {result.lab.number}, {result.lab.title}: {result.points} of {result.total} points")
    return "\n".join(plain(line) for line in lines)


__all__ = ["Refused", "base", "grade_built", "grade_files", "plain", "refused", "report", "tests_of"]
