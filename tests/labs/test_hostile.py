"""What is handed in to harm the grader, the others or the computer (hostile.py): each is named, and an honest
one among them has its points."""

import os
import re

import hostile
import pytest
from labs import submission
from submissions import LAB, SOLUTION, as_folder
from test_class import SECRETS, grade_class

HONEST = ("honest", as_folder(SOLUTION), "all", "")
ENDS = ("", ".tar.gz", ".zip")
QUICK = ("pipe", "link-to-an-archive", "link-inside", "nested", "broken-deflate",
         "zip-bomb", "zip-link", "device")


def each_handed_in():
    return [pytest.param(*entry, id=ascii(entry[0]), marks=[pytest.mark.quick] if entry[0] in QUICK else [])
            for entry in hostile.HANDED_IN]


@pytest.mark.parametrize("name, write, points, words", each_handed_in())
def test_handed_in(tmp_path, name, write, points, words):
    """Refused, with the reason, before anything is built; and nothing is left on the computer."""
    place = str(tmp_path / name)
    write(place)
    path = next(place + end for end in ENDS if os.path.lexists(place + end))
    if points is None:
        assert list(submission.take(path, LAB)) == LAB.files
        return
    with pytest.raises(submission.Refused, match=words):
        submission.take(path, LAB)
    assert not os.path.exists("/tmp/from-a-submission")


def expect_class(tmp_path, entries):
    """The report and the data have these submissions, and no others."""
    said, data = grade_class(tmp_path, entries, called=str)
    assert len(data) == len(entries), sorted(data)
    for name, _, points, words in entries:
        (result,) = [data[name + end] for end in ENDS if name + end in data]
        told = "\n".join(result["named"] + [test["reason"] for test in result["tests"]])
        if points:
            assert result["points"] == (result["of"] if points == "all" else 0), (name, result)
        assert re.search(words, told), f"{name!r}: no {words!r} in {told}"
    for line in ("^== ", r"^ +\d+ of \d+  "):
        assert len(re.findall(line, said, re.M)) == len(entries), said
    assert "\x1b" not in said and not any(secret in said for secret in SECRETS)
    return said


@pytest.mark.quick
def test_names(tmp_path):
    """What a submission is called forges no line, moves no cursor, and is no word of a command."""
    entries = [entry for entry in hostile.HANDED_IN if not re.fullmatch("[a-z][a-z-]*", entry[0])]
    assert len(entries) == 6
    said = expect_class(tmp_path, entries)
    assert r"words\n   20 of 20  anna" in said and r"latin-\udce4" in said


def test_in_the_compiler(tmp_path):
    expect_class(tmp_path, [*hostile.IN_THE_COMPILER, HONEST])


def test_in_the_machine(tmp_path):
    expect_class(tmp_path, [*hostile.IN_THE_MACHINE, HONEST])
