"""scripts/check-evidence sees what a page only claims."""

import os
import subprocess

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
pytestmark = pytest.mark.quick

CLAIMS = {
    "a block": ("Look:\n\n    cr0=00000011\n", "neither typed, nor filled in"),
    "a fence": ("Look:\n\n```\ncr0=00000011\n```\n", "neither typed, nor filled in"),
    "an address in stage 2": ("EIP is 815Dh.\n", "815Dh changes with each build"),
    "half an address": ("EIP goes from 816xh on.\n", "816xh changes with each build"),
    "an address in the kernel": ("It is at C01004AF.\n", "C01004AF changes with each build"),
    "a table elsewhere": ("It is at 12000h.\n", "12000h is the address of nothing"),
    "a register": ("CR3 is then 007FF000.\n", "007FF000 is in no header"),
    "a wrong error": ("`E14 fat: no such file`\n", "E14 is 'fat: file not found'"),
    "an error in a block": ("It says\n\n    E14 fat: no such file\n", "E14 is 'fat: file not found'"),
    "a wrong count": ("All nineteen steps.\n", "19 steps: there are 25"),
    "a count that changes": ("It boots on 48 machines.\n", "48 machines"),
    "a time": ("It takes 10 ms.\n", "'10 ms' was measured"),
}
FINE = """\
Type

    make run
    (gdb) hbreak stage2_main
    monitor> pt c0100000

and see

<!-- BEGIN monitor cr -->
```
cr3=007ff000
```
<!-- END monitor -->

that the loader's directory is at 1C000h, that CR3 is 007FF000, after twenty steps, in the kernel at C0100000.
`E14 fat: file not found`. For
example it takes 10 ms. This is an example:

    cr0=00000011
"""


def check(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    done = subprocess.run([os.path.join(REPOSITORY, "scripts/check-evidence"), page],
                          capture_output=True, text=True)
    return "".join(line for line in done.stdout.splitlines(True) if line.startswith(str(page)))


@pytest.mark.parametrize("text, said", CLAIMS.values(), ids=CLAIMS)
def test_claim(text, said, tmp_path):
    assert said in check(tmp_path, text)


def test_evidence(tmp_path):
    assert check(tmp_path, FINE) == ""
