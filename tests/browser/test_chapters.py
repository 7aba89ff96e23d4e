"""What the pages offer to do in the machine of the page, it does in v86: every command of the monitor and
every program, as scripts/gen-docs has filled in what they say elsewhere. Numbers may differ."""

import json
import os
import re

import pytest

DOCS = os.path.join(os.path.dirname(__file__), "../../docs")
# A table in which figures, and so the spaces, differ.
NOT_COMPARED = ("steps",)
ALIKE = 0.65  # of the lines; others have names and numbers that depend on the machine


def shapes(text):
    """The lines without their numbers."""
    lines = (re.sub(r"[0-9a-f]*\d[0-9a-f]*", "#", line) for line in text.split("\n")
             if not line.startswith("@"))
    return [" ".join(line.split()) for line in lines if line.strip()]


def test_commands(site, node):
    results = [json.loads(line) for line in node("chapters.mjs", site, timeout=1500)]
    assert len(results) >= 35
    for result in results:
        name = f"{result['page']}: {result['argument']}"
        with open(os.path.join(DOCS, result["page"]), encoding="utf-8") as file:
            begin = f"<!-- BEGIN {result['kind']} {re.escape(result['argument'])} -->"
            block = re.search(begin + "\n```\n(.*?)```", file.read(), re.S)[1]
        said = shapes(result["says"])
        if result["argument"] not in NOT_COMPARED:
            wanted = shapes(block)
            assert sum(line in said for line in wanted) >= ALIKE * len(wanted), f"{name}\n{result['says']}"
        assert result["phase"] in ("ready", "ended"), name


@pytest.mark.quick
def test_every_chapter_has_its_machine():
    for name in sorted(os.listdir(DOCS)):
        if re.match(r"\d\d-.*\.md$", name):
            with open(os.path.join(DOCS, name), encoding="utf-8") as file:
                assert re.search("<!-- BEGIN (step|monitor|sh|small) ", file.read()), name
