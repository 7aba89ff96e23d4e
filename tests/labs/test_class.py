"""A class: forty submissions for lab 1, hostile ones among them, graded as a teacher would (make grade-all);
and the way of a student, from `make lab` to what is handed in."""

import glob
import json
import os
import re
import subprocess
import tarfile

import pytest
from labs import grading, table, tree
from submissions import FILE, LAB, SOLUTION, submissions
from test_labs import changed, wrong_solutions

SAMPLE = ("anna", "passwd", "link")  # of the quick run
SECRETS = ("root:x:0:0", "root:*:")                # of this computer


def the_class():
    return submissions([changed(LAB, wrong)[FILE] for wrong in wrong_solutions(LAB)[:5]])


def lab(*words, cwd=table.ROOT, status=0):
    tool = os.path.join(cwd, "scripts/lab")
    done = subprocess.run([tool, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode in (status if isinstance(status, tuple) else (status,)), done.stdout + done.stderr
    return done.stdout + done.stderr


def grade_class(folder, entries, called=lambda name: name.split(".")[0]):
    """The report, and {name: its data}."""
    (folder / "class").mkdir()
    for name, write, _, _ in entries:
        write(str(folder / "class" / name))
    said = lab("grade-all", str(LAB.number), str(folder / "class"), "--json", str(folder / "all.json"),
               status=(0, 1))
    with open(folder / "all.json", encoding="utf-8") as file:
        data = {called(entry["submission"]): entry for entry in json.load(file)}
    return said, data


def check(entries, said, data):
    assert len(data) == len(entries)
    for name, _, points, words in entries:
        result = data[name]
        what = json.dumps(result, indent=1)
        if points == "all":
            assert result["points"] == result["of"] and not result["named"], what
        elif points == "none":
            assert result["points"] == 0, what
        elif points == "some":
            assert 0 <= result["points"] < result["of"], what
        told = "\n".join(result["named"] + [test["reason"] for test in result["tests"]])
        assert re.search(words, told), f"{name}: no {words!r} in\n{what}"
        assert f"{result['points']:3} of {result['of']}  {result['submission']}" in said
    for secret in SECRETS:
        assert secret not in said and secret not in json.dumps(data)


@pytest.mark.quick
def test_some_of_a_class(tmp_path):
    entries = [entry for entry in the_class() if entry[0] in SAMPLE]
    check(entries, *grade_class(tmp_path, entries))


def test_a_class_of_forty(tmp_path):
    entries = the_class()
    assert len(entries) == 40
    check(entries, *grade_class(tmp_path, entries))


def test_a_student(tmp_path):
    """Starts, sees what is missing, writes it, grades it, and hands it in; the teacher grades that."""
    place = str(tmp_path / "lab-01")
    assert "lab 1: nothing is printed yet" in lab("start", "1", place)
    assert "is there already" in lab("start", "1", place)
    assert "lost   0/7  all of it: lab 1: nothing is printed yet" in lab("grade", cwd=place, status=1)
    assert "hint 2 of 3" in lab("hint", "", "2", cwd=place)
    tree.write_changed(os.path.join(place, FILE), SOLUTION)
    said = lab("grade", cwd=place)
    assert "7 of 7 points" in said and "hidden" not in said
    lab("hand-in", cwd=place)
    said = lab("grade", "1", os.path.join(place, "lab-01.tar.gz"))
    assert f"{LAB.total} of {LAB.total} points" in said
    assert tree.solution(table.ROOT, LAB)[0][2] in lab("solution", cwd=place)


@pytest.mark.parametrize("number", [lab.number for lab in table.all_labs()])
def test_archive_without_answers(number, tmp_path):
    """No file of a student's archive has what the lab takes out, the hidden tests of any lab, or the
    answers to the book's questions and exercises."""
    this, path = table.find(number), str(tmp_path / "archive.tar.gz")
    lab("archive", str(number), path)
    answer = {line for line in tree.telling_lines(table.ROOT, this)}
    whole = "\n".join(tree.read(os.path.join(table.ROOT, path)) for path in this.files)
    # Of the part alone: not lines that the rest of the source has too.
    rest = "\n".join(tree.without_parts(table.ROOT, this).values())
    answer = [line for line in answer if line not in rest and whole.count(line) == 1 and len(line) > 30]
    with tarfile.open(path) as tar:
        names = tar.getnames()
        not_theirs = r"/hidden|/tests/labs|/\.git/|/question-answers|/questions\.toml"
        assert not [name for name in names if re.search(not_theirs, name)]
        tar.extractall(tmp_path / "out")
    root = str(tmp_path / "out" / f"ascent-lab-{number:02d}")
    pages = glob.glob("docs/**/*.md", root_dir=root, recursive=True)
    assert f"docs/{this.chapter}.md" in pages
    for path in this.files + pages:
        text = tree.read(os.path.join(root, path))
        assert not [line for line in answer if line in text], path
        assert "<summary>Answer" not in text, path
    if number == 1:
        assert "there are no solutions" in lab("solution", cwd=root, status=2)


@pytest.mark.quick
def test_what_the_tool_says_of_mistakes(monkeypatch):
    assert "which lab?" in lab("start", status=2)
    assert "there is no lab 99" in lab("solution", "99", status=2)
    assert "is not a folder" in lab("grade-all", "1", "/no/such/folder", status=2)
    assert "strengths 1 to 3" in lab("hint", "1", "7", status=2)
    assert "hint 1 of 3 (a nudge)" in lab("hint", "1", "")
    assert len(grading.tests_of(LAB, hidden=False)) < len(grading.tests_of(LAB, hidden=True))
    monkeypatch.setenv("PATH", "/nonexistent")  # no bubblewrap: then others' code is not even compiled
    for command in ("grade", "grade-all"):
        assert "in a sandbox only" in lab(command, "1", os.path.dirname(__file__), status=2)
