"""book.py: the pages of docs/ as one text, for what is made of them: the book, slides, questions.

There is one copy of every sentence, in docs/. Here a page is read, its generated marks and what only
the web site can show are taken away, and the answers to its exercises are taken apart."""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DOCS = os.path.join(ROOT, "docs")

APPENDICES = ("architecture.md", "fault-gallery.md", "debugging.md", "troubleshooting.md",
              "real-hardware.md", "performance.md", "what-next.md",
              "reference/boot-protocol.md", "reference/boot-cfg.md", "reference/image-format.md",
              "reference/memory-map.md",
              "reference/step-protocol.md", "reference/monitor.md", "reference/command-line.md",
              "reference/errors.md", "reference/system-calls.md", "reference/proc.md", "reference/disks.md",
              "reference/fat.md", "errata.md", "statements.md", "glossary.md")

ANSWER = re.compile(r"<details>\s*<summary>(.*?)</summary>\n(.*?)</details>\n", re.S)
COMPONENT = re.compile(r"<([A-Z]\w+)\b[^>]*?(/>|>.*?</\1>)", re.S)
FENCE = re.compile(r"(^```.*?^```$)", re.M | re.S)


def chapters():
    return sorted(name for name in os.listdir(DOCS) if re.match(r"\d\d-.*\.md$", name))


def read(page):
    with open(os.path.join(DOCS, page), encoding="utf-8") as file:
        return file.read()


def outside_code(text, change):
    """`change` for what lies between blocks of code."""
    parts = FENCE.split(text)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def plain(text):
    """Without front matter, comments and the site's components."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)

    def change(part):
        return COMPONENT.sub("", re.sub(r"<!--.*?-->\n?", "", part, flags=re.S))
    return outside_code(text, change)


def take_answers(text):
    """The text without its answers, and the answers."""
    answers = []

    def take(match):
        answers.append(match[2].strip())
        return ""
    return ANSWER.sub(take, text), answers


def title(text):
    return re.match(r"# (.*)", text.lstrip())[1]


def sections(text):
    """[(heading, text)] of the second level; what is before the first has the heading ""."""
    found = [("", [])]
    for index, part in enumerate(FENCE.split(text)):
        if index % 2:
            found[-1][1].append(part)
            continue
        pieces = re.split(r"^## (.*)$", part, flags=re.M)
        found[-1][1].append(pieces[0])
        for heading, rest in zip(pieces[1::2], pieces[2::2]):
            found.append((heading.strip(), [rest]))
    return [(heading, "".join(parts).strip("\n")) for heading, parts in found]


def blocks(text):
    """Paragraphs, lists, tables and blocks of code, each whole."""
    found = []
    for index, part in enumerate(FENCE.split(text)):
        found += [part] if index % 2 else [piece for piece in re.split(r"\n\s*\n", part) if piece.strip()]
    return found


def prefix(page):
    """Of the anchors of a page in the book."""
    return re.sub(r"\W+", "-", page.removesuffix(".md"))


def own_links(html, page, pages):
    """Links between pages become links within the book; those to files of the repository are plain text."""
    folder = os.path.dirname(page)

    def change(match):
        target, text = match[1], match[2]
        if re.match(r"https?:|#", target):  # pandoc has put the prefix in front of its own
            return match[0]
        file, _, anchor = target.partition("#")
        other = os.path.normpath(os.path.join(folder, file))
        if other not in pages:
            return f'<span class="file">{text}</span>'
        name = prefix(other) + ("-" + anchor if anchor else "")
        return f'<a href="#{name}">{text}</a>'
    return re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', change, html, flags=re.S)


def own_images(html, page):
    """Images by their path from the root of the repository, so that they are found from there."""
    folder = os.path.join("docs", os.path.dirname(page))
    return re.sub(r'<img src="(?!https?:|data:)([^"]*)"',
                  lambda match: f'<img src="{os.path.normpath(os.path.join(folder, match[1]))}"', html)
