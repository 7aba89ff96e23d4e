"""What the pages show is what the machine says (addresses and figures may differ)."""

import glob
import importlib.machinery
import importlib.util
import json
import os
import re
import tomllib

import pytest
from image import REPOSITORY
from step import table


def load_script(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"),
                                                  os.path.join(REPOSITORY, "scripts", name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def without_figures(text):
    text = re.sub(r"\|[#.+ ]{64}\|", "MAP", text)  # of swapper: which page is where, at that moment
    text = re.sub(r"\b[0-9A-Fa-f]*[0-9][0-9A-Fa-f]*\b", "N", text)
    return re.sub(" +", " ", text)


@pytest.mark.quick
def test_transcript():
    pictures = load_script("make-pictures")
    with open(os.path.join(REPOSITORY, "docs/transcript.txt"), encoding="ascii") as file:
        assert without_figures(pictures.boot()[0]) == without_figures(file.read()), \
            "run scripts/make-pictures and scripts/gen-docs"


def load_runs():
    with open(os.path.join(REPOSITORY, "docs/runs.json"), encoding="ascii") as file:
        return json.load(file)


@pytest.fixture(scope="module")
def run():
    """The same boots again."""
    return json.loads(json.dumps(load_script("make-pictures").run()[0]))


@pytest.mark.quick
@pytest.mark.xdist_group("runs")  # one worker boots for all of them
@pytest.mark.parametrize("kind", ["steps", "lines", "monitor", "sh", "small", "faults", "step-gdb", "gdb",
                                  "why"])
def test_runs(run, kind):
    kept = load_runs()[kind]
    assert list(kept) == list(run[kind]), "run make pictures"
    for name, text in run[kind].items():
        assert without_figures(kept[name]) == without_figures(text), f"{name}: run make pictures"


@pytest.mark.quick
def test_chapters_have_every_part():
    """Each has the parts that a reader looks for, in order, and a length that one sitting takes."""
    parts = ["Before and after", "The code", "Why", "Break it", "Exercise", "Words"]
    chapters = sorted(glob.glob(os.path.join(REPOSITORY, "docs/[0-9][0-9]-*.md")))
    assert len(chapters) >= 15
    for path in chapters:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        headings = re.findall("^## (.*)", text, re.M)
        if not path.endswith("00-quickstart.md"):
            assert [heading for heading in headings if heading in parts] == parts, path
            assert "SDM" in text or "EDD" in text or "ELF §" in text or "ACPI" in text, path
        assert "\n> You will see: " in text, path
        assert 700 <= len(text.split()) <= 2200, path


def chapter_words():
    """{chapter: the terms of the glossary under its heading Words}"""
    words = {}
    for path in sorted(glob.glob(os.path.join(REPOSITORY, "docs/[0-9][0-9]-*.md"))):
        with open(path, encoding="utf-8") as file:
            words[os.path.basename(path)] = set(
                re.findall(r"\(glossary\.md#([\w-]+)\)", file.read().split("\n## Words")[1]))
    return words


@pytest.mark.quick
def test_glossary_leads_to_the_chapter_that_has_the_word():
    words = chapter_words()
    with open(os.path.join(REPOSITORY, "docs/glossary.md"), encoding="utf-8") as file:
        entries = re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", file.read(), re.M | re.S)
    assert len(entries) > 70
    for term, text in entries:
        anchor = re.sub(r"[^\w -]", "", term.lower()).replace(" ", "-")
        teach = {page for page in words if anchor in words[page]}
        assert not teach or teach & set(re.findall(r"\]\(([^)#]+)", text)), \
            f"{term}: it is among the words of {sorted(teach)}"
    anchors = {re.sub(r"[^\w -]", "", term.lower()).replace(" ", "-") for term, _ in entries}
    assert set.union(*words.values()) <= anchors


@pytest.mark.quick
def test_modes_that_pages_name():
    """The BIOSes of the option ROM."""
    with open(os.path.join(REPOSITORY, "tests/boot/optionrom/modes.toml"), "rb") as file:
        modes = {mode["name"] for mode in tomllib.load(file)["modes"]}
    named = set()
    for path in glob.glob(os.path.join(REPOSITORY, "docs/*.md")):
        with open(path, encoding="utf-8") as file:
            for paragraph in file.read().split("\n\n"):
                if "modes.toml" in paragraph:
                    named |= set(re.findall(r"`([a-z0-9]+-[a-z0-9-]+)`", paragraph))
    assert named and named <= modes


@pytest.mark.quick
def test_versions_that_pages_name():
    """v86 is pinned, so what pages call it can be held against the pin; and the gallery names the
    processor that its table was made with."""
    pages = {}
    for name in ("step-in-browser", "fault-gallery", "real-hardware"):
        with open(os.path.join(REPOSITORY, f"docs/{name}.md"), encoding="utf-8") as file:
            pages[name] = " ".join(file.read().split())
    for path in ("docs/package.json", "tests/boot/v86/package.json"):
        with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
            package = json.load(file)
        pinned = package.get("dependencies", package.get("devDependencies"))["v86"]
        for name, text in pages.items():
            assert set(re.findall(r"v86 (\d[\d.]*\d)", text)) == {pinned}, (name, path)
    with open(os.path.join(REPOSITORY, "tests/boot/faults.toml"), "rb") as file:
        emulators = tomllib.load(file)["emulators"]
    assert f"`{emulators['bochs']['cpu']}`" in pages["fault-gallery"]
    assert f"`-cpu {emulators['qemu']['cpu']}`" in pages["fault-gallery"]


def read(path):
    with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
        return file.read()


def proof_is_there(proof):
    """The notation is at the start of docs/statements.md."""
    kind, _, name = proof.rpartition(": ") if ": " in proof else proof.rpartition(" ")
    if kind == "fault":
        return name in tomllib.loads(read("tests/boot/faults.toml"))["faults"]
    if kind == "break":
        return any(step["name"] == name and step["end"] for step in table())
    if kind == "ring 3":
        return f"CASE({name}, " in read("user/tests/cases.def")
    if kind.startswith("selftest "):
        return f'{{"{name}", ' in read(f"kernel/selftest/test_{kind.split()[1]}.c")
    return any(re.search(rf"\b{name}\(", read(path)) for path in
               glob.glob(f"tests/*/{kind}.py", root_dir=REPOSITORY) +
               glob.glob(f"tests/*/{kind}.c", root_dir=REPOSITORY))


@pytest.mark.quick
def test_statements_have_code_and_a_proof():
    """Each row names code and tests that are there, or a source; and nothing is later."""
    rows = [line.strip("|").split(" | ") for line in read("docs/statements.md").split("## Real mode")[1]
            .splitlines() if line.startswith("| ") and not line.startswith("| topic")]
    assert len(rows) > 180
    assert not [row[0].strip() for row in rows if "later" in row[1]]
    for topic, where, code, proof in rows:
        assert re.search(r"\]\([\w.#-]+\)", where), topic
        assert all(os.path.exists(os.path.join(REPOSITORY, "docs", path))
                   for path in re.findall(r"\]\((.*?)\)", code)), topic
        tests = re.findall("`(.*?)`", proof)
        assert not [test for test in tests if not proof_is_there(test)], topic
        assert tests or re.search("SDM|history|definition", proof), topic
        assert "](" in code or not tests, topic


def first_column(page, heading):
    """The names in the first column of the tables under a heading, without what follows a = or a blank."""
    text = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^# |^## |\Z)", read(page), re.M | re.S)[1]
    cells = re.findall(r"^\| (`[^|]*?) \|", text, re.M)
    return {name for cell in cells for name in re.findall(r"`([\w.]+)", cell)}


@pytest.mark.quick
def test_words_of_the_command_line():
    """The page has those that the kernel asks for, and no others."""
    asked = set()
    for path in glob.glob("kernel/*/*.c", root_dir=REPOSITORY):
        asked |= set(re.findall(r'cmdline_option\("(\w+)"', read(path)))
    text = read("docs/reference/command-line.md")
    assert set(re.findall(r"^\| `(\w+)", text, re.M)) == asked


@pytest.mark.quick
def test_files_of_proc_and_dev():
    """The page has those that the kernel's tables have, and no others."""
    page = "docs/reference/proc.md"
    system = re.findall(r'\{"(\w+)", 0\d+, ', read("kernel/fs/proc_system.c"))
    task = re.findall(r'\{"(\w+)", 0\d+, ', read("kernel/fs/proc_task.c"))
    links = re.search(r"task_links\[\] = \{(.*)\}", read("kernel/fs/proc.c"))[1]
    devices = re.findall(r'^ +\{"(\w+)", ', read("kernel/fs/device.c"), re.M)
    assert len(system) > 8 and len(task) > 8 and len(devices) > 10
    assert first_column(page, "Of the machine") == set(system)
    assert first_column(page, "Of a process, in `/proc/PID`") == {"fd", *task,
                                                                  *re.findall(r'"(\w+)"', links)}
    assert first_column(page, "/dev") == set(devices)
