"""docs/statements.md: each chapter that a row leads to holds the statement.

A paragraph, a row of a table or a list of that chapter has most of the row's words; or, where the chapter
says it in others, what statements.txt quotes from it."""

import os
import re
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(REPOSITORY, "scripts"))
import book  # noqa: E402

ENOUGH = 0.6  # of the words
EMPTY = set("the a an of to and is are in it its for with what by at from this that be may so then on "
            "one as no not has have or can them who each all does do only how which there into more".split())


def stem(word):
    word = word.lower()
    for end in ("ing", "ed", "es", "s", "ly"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[:-len(end)]
    return word


def stems(text):
    return {stem(word) for word in re.findall(r"\w+", text)}


def rows():
    """(statement, number of the chapter)"""
    for line in book.read("statements.md").splitlines():
        row = re.match(r"\| (.*?) \| (.*?) \| .* \| .* \|$", line)
        for number in re.findall(r"\[(\d\d)\]", row[2]) if row else []:
            yield row[1], number


def quoted():
    """{(statement, number of the chapter): the words that hold it there}"""
    found = {}
    with open(os.path.join(HERE, "statements.txt"), encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#") and line.strip():
                number, statement, words = line.strip().split(" | ", 2)
                found[statement, number] = words
    return found


def pieces(number):
    """What a reader takes in at once: paragraphs and rows; not headings, nor the list of words."""
    page = [name for name in book.chapters() if name.startswith(number)][0]
    for heading, text in book.sections(book.plain(book.read(page))):
        if heading in ("Words", ""):
            continue
        for block in book.blocks(text):
            if block.startswith("|"):
                yield from block.splitlines()
            elif not block.startswith(("```", "*", "#")) or block.startswith("**"):
                yield " ".join(block.split())


def holds(number, statement, words=None):
    if words:
        return any(words in piece for piece in pieces(number))
    wanted = stems(statement) - EMPTY
    return any(len(wanted & stems(piece)) >= ENOUGH * len(wanted) for piece in pieces(number))


@pytest.mark.quick
def test_each_chapter_holds_its_statements():
    quotes = quoted()
    lost = [f"[{number}] {statement}" for statement, number in rows()
            if not holds(number, statement, quotes.get((statement, number)))]
    assert not lost, "\n".join(lost)


def test_no_quotation_is_left_over():
    assert set(quoted()) <= set(rows())


def test_a_chapter_without_the_statement_is_found():
    assert not holds("05", "A heap in the kernel: kmalloc, for small objects")
    assert not holds("13", "One page", "words that no chapter has")
