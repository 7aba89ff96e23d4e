"""docs/figures/ is what scripts/make-figures draws; the script notices when the code differs."""

import json
import os
import shutil
import subprocess

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
pytestmark = pytest.mark.quick


def check(root):
    return subprocess.run([os.path.join(root, "scripts/make-figures"), "--check"], text=True,
                          capture_output=True)


@pytest.fixture
def copy(tmp_path):
    for folder in ("include", "kernel", "linker", "scripts", "docs/figures"):
        shutil.copytree(os.path.join(REPOSITORY, folder), tmp_path / folder)
    return tmp_path


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_up_to_date():
    result = check(REPOSITORY)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("header, old, new", [
    ("kernel/cpu/control.h", "CR0_WP 0x00010000u", "CR0_WP 0x00020000u"),
    ("kernel/mm/paging.h", "PTE_GLOBAL 0x100ull", "PTE_GLOBAL 0x200ull"),
    ("kernel/cpu/control.h", "CR4_PSE ", "CR4_PSX "),
])
def test_a_bit_that_the_sdm_has_elsewhere(copy, header, old, new):
    replace(copy / header, old, new)
    result = check(copy)
    assert result.returncode == 1 and new.split()[0] in result.stderr


def test_a_moved_address_makes_the_map_stale(copy):
    replace(copy / "include/ascent/layout.h", "BOUNCE_ADDR 0x20000", "BOUNCE_ADDR 0x24000")
    result = check(copy)
    assert result.returncode == 1 and "BOUNCE_ADDR" in result.stderr


def test_a_frame_that_the_code_has_otherwise(copy):
    replace(copy / "kernel/cpu/regs.h", "uint32_t ds, es, fs, gs;", "uint32_t ds, es;")
    result = check(copy)
    assert result.returncode == 1 and "struct pt_regs is 18, not 20" in result.stderr


def test_entries_that_no_chapter_tells_of(copy):
    """A run in which the child's write makes no copy."""
    path = copy / "docs/figures/run.json"
    run = json.loads(path.read_text(encoding="ascii"))
    child = run["programs"]["copy"]["child"]
    child["after"]["own"] = child["after"]["first"]
    path.write_text(json.dumps(run), encoding="ascii")
    result = check(copy)
    assert result.returncode == 1 and "chapter 23" in result.stderr


def test_stale_and_surplus_files_are_named(copy):
    (copy / "docs/figures/cr0.svg").write_text("old", encoding="utf-8")
    (copy / "docs/figures/other.svg").write_text("", encoding="utf-8")
    result = check(copy)
    assert result.returncode == 1
    assert "stale: docs/figures/cr0.svg" in result.stderr
    assert "surplus: docs/figures/other.svg" in result.stderr
