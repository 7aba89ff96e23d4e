"""The book on paper and on readers, and the slides: whole, in order, and without what belongs to others."""

import html
import os
import re
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(REPOSITORY, "scripts"))
import book  # noqa: E402

BROWSER = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--no-pdf-header-footer"]


def make(target, folder, *arguments):
    subprocess.run([os.path.join(REPOSITORY, "scripts/setup"), "book"], check=True)
    subprocess.run([os.path.join(REPOSITORY, "scripts", target), str(folder), *arguments], check=True,
                   timeout=900)
    return folder


def text_of(pdf):
    return subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True,
                          text=True).stdout


def pages_of(pdf):
    said = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
    return int(re.search(r"^Pages: +(\d+)", said, re.M)[1])


def words(text):
    """Without what a line's end, or a letter that looks like two, makes of it."""
    return re.sub(r"\W+", "", html.unescape(text).replace("ﬁ", "fi").replace("ﬂ", "fl")).lower()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make("make-book", tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def pdf(made):
    return text_of(made / "ascent.pdf")


@pytest.fixture(scope="module")
def epub(made):
    with zipfile.ZipFile(made / "ascent.epub") as file:
        assert file.namelist()[0] == "mimetype" and file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def test_chapters_are_there_in_order(pdf):
    """Each begins a page; what is named in the contents is on that page."""
    pages = pdf.split("\f")
    titles = [book.title(book.plain(book.read(page))).replace("`", "") for page in book.chapters()]
    contents = words("".join(pages[1:3]))
    at = [next(number for number, page in enumerate(pages[3:], 4) if words(page).startswith(words(title)))
          for title in titles]
    assert at == sorted(at)
    for title, number in zip(titles, at):
        assert words(title) + str(number) in contents, title


def test_nothing_of_the_site_is_left(pdf, epub):
    everything = pdf + "".join(data.decode() for name, data in epub.items() if name.endswith(".xhtml"))
    assert not re.search(r"BEGIN \w+|<details|StepMachine|Answer</summary", everything)


def test_screens_are_whole(pdf):
    """No line of a step screen is cut or broken, and none of code up to 100 columns."""
    printed = {" ".join(line.split()) for line in pdf.splitlines()}
    for page in book.chapters():
        for block in re.findall(r"^```\w*\n(.*?)^```$", book.plain(book.read(page)), re.M | re.S):
            for line in block.splitlines():
                if line.strip() and len(line) <= 100:
                    assert " ".join(line.split()) in printed, (page, line)


def test_answers_are_apart(pdf, tmp_path):
    begin_of_answers = pdf.rindex("Answers to the exercises")
    chapters, answers = pdf[:begin_of_answers], pdf[begin_of_answers:]
    student = make("make-book", tmp_path, "--student")
    without = words(text_of(student / "ascent-student.pdf"))
    for page in book.chapters():
        for answer in book.take_answers(book.plain(book.read(page)))[1]:
            begin = words(re.sub(r"[*`]|\[(.*?)\]\(.*?\)|^\d\. ", r"\1", answer.split("\n")[0]))[:30]
            assert begin in words(answers), (page, begin)
            if len(begin) < 20:
                continue  # a number, which may be elsewhere too
            assert begin not in words(chapters) and begin not in without, (page, begin)
    assert "answerstotheexercises" not in without


def test_epub_is_well_formed(epub):
    names = set(epub)
    for name, data in epub.items():
        if name.endswith((".xhtml", ".opf", ".ncx")):
            ElementTree.fromstring(data)
        if name.endswith(".xhtml"):
            for source in re.findall(r'(?:src|href)="(?!https?:|#|mailto:)([^"#]+)', data.decode()):
                assert os.path.normpath(os.path.join(os.path.dirname(name), source)) in names, (name, source)
    nav = words(epub["EPUB/nav.xhtml"].decode())
    for page in book.chapters():
        assert words(book.title(book.plain(book.read(page)))) in nav


def test_slides(tmp_path):
    """A deck a chapter; each prints one slide a page; every line of code on them is one of the chapter."""
    folder = make("make-slides", tmp_path)
    for page in book.chapters():
        deck = folder / f"{page[:2]}.html"
        text = deck.read_text(encoding="utf-8")
        chapter = book.read(page)
        assert not re.search(r'(src|href)="(?!data:)', text), "it needs no network"
        for block in re.findall(r"<pre.*?>(.*?)</pre>", text, re.S):
            for line in html.unescape(re.sub(r"<.*?>", "", block)).splitlines():
                assert line.strip() in chapter, (page, line)
        for answer in book.take_answers(chapter)[1]:
            assert html.escape(answer.split("\n")[0], quote=False) not in text, page
        if page[:2] in ("09", "13", "26"):
            paper = tmp_path / "deck.pdf"
            subprocess.run([*BROWSER, f"--user-data-dir={tmp_path}/profile", f"--print-to-pdf={paper}",
                            f"file://{deck}"], check=True, capture_output=True, timeout=120)
            assert pages_of(paper) == text.count("<section")
