"""Labs on the real source: the start is red, the solution green, and what is often got wrong is red for
the right reason. Each lab's wrong solutions are changes to the real source: labs/NN/hidden/wrong.toml."""

import os
import tomllib

import pytest
from labs import grading, table, tree

LABS = table.all_labs()
SEED = int(os.environ.get("SEED", "12"))


def source(lab):
    """{path: bytes} of the real source: the solution."""
    return {path: tree.read(os.path.join(table.ROOT, path)).encode() for path in lab.files}


def wrong_solutions(lab):
    path = os.path.join(lab.folder, "hidden/wrong.toml")
    with open(path, "rb") as file:
        return tomllib.load(file)["wrong"]


def changed(lab, wrong):
    """The solution with this mistake in it."""
    files = {path: data.decode() for path, data in source(lab).items()}
    for find, put in wrong["changes"]:
        having = [path for path, text in files.items() if text.count(find) == 1]
        assert len(having) == 1, f"lab {lab.number}, {wrong['name']}: not there once: {find}"
        files[having[0]] = files[having[0]].replace(find, put)
    return {path: text.encode() for path, text in files.items()}


def lost(result):
    return {test["name"] for test in result.tests if test["points"] == 0}


def each_lab():
    return [pytest.param(lab, id=lab.name) for lab in LABS]


def each_mistake():
    return [pytest.param(lab, wrong, id=f"{lab.number:02d}-{wrong['name'].replace(' ', '-')}")
            for lab in LABS for wrong in wrong_solutions(lab)]


@pytest.mark.quick
def test_the_table():
    """Twelve labs or more; all have what a lab needs, and every test that is there has its points."""
    assert len(LABS) >= 12
    assert len(LABS) >= 12
    for lab in LABS:
        assert [lab.number for lab in LABS].index(lab.number) == lab.number - 1
        assert len(lab.hints) == len(table.STRENGTHS) and all(lab.hints)
        names = [name for name, _, _ in grading.tests_of(lab, hidden=True)]
        assert names == list(lab.points), lab.name
        assert any(is_hidden for _, _, is_hidden in grading.tests_of(lab, hidden=True))
        assert len(wrong_solutions(lab)) >= 5, lab.name
        assert os.path.exists(os.path.join(table.ROOT, "docs", lab.chapter + ".md"))
        with open(os.path.join(lab.folder, "README.md"), encoding="utf-8") as file:
            text = file.read()
        assert f"# Lab {lab.number}. {lab.title}\n" in text
        assert f"{lab.total} points*" in text, f"lab {lab.number} has {lab.total} points"


@pytest.mark.parametrize("lab", each_lab())
def test_start_is_red(lab):
    """The learner's checkout builds, stops where the part is missing, and has no points for what is."""
    start = {path: text.encode() for path, text in tree.without_parts(table.ROOT, lab).items()}
    result = grading.grade_files(lab, start, "start", seed=SEED)
    assert not result.build, result.build
    assert result.points <= result.total // 4, grading.report(result)
    assert any(lab.missing in test["reason"] for test in result.tests), grading.report(result)


@pytest.mark.parametrize("lab", each_lab())
def test_solution_is_green(lab):
    result = grading.grade_files(lab, source(lab), "solution", seed=SEED)
    assert result.points == result.total, grading.report(result)
    assert result.named == []


@pytest.mark.parametrize("lab, wrong", each_mistake())
def test_mistake_is_red(lab, wrong):
    """It loses the points of what it gets wrong, with words that say what, and builds."""
    result = grading.grade_files(lab, changed(lab, wrong), wrong["name"], seed=SEED)
    assert not result.build, result.build
    assert set(wrong["lost"]) <= lost(result), grading.report(result)
    reasons = [test["reason"] for test in result.tests if test["name"] in wrong["lost"]]
    assert any(wrong["says"] in reason for reason in reasons), grading.report(result)
