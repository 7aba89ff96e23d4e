"""Chapters 16 and 21 to 23: what keeps translations right and processes apart is taken out, a line at a
time, and the host tests of page tables and address spaces notice."""

import os
import re
import subprocess

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLES, CASES, RANDOM = "test_paging_random", "test_address_space", "test_address_space_random"

# What is broken: the test that notices, the file, what is taken out, and what comes in its place.
BREAKS = {
    "the flush of a range is left out": (
        TABLES, "kernel/mm/tlb_gather.c",
        "    else\n        for (uint32_t i = 0; i < pages; i++)\n"
        "            tlb_flush_page(gather->mm, virt_addr(gather->first.value + i * PAGE_SIZE));\n", ""),
    "no flush after copy-on-write": (
        RANDOM, "kernel/mm/fault.c",
        "    tlb_flush_page(&mm->pt, fault->page);\n    user_page_count(mm, old, -1);\n",
        "    user_page_count(mm, old, -1);\n"),
    "the frame is taken though others have it": (
        CASES, "kernel/mm/user_pages.h", "== OWNER_USER && swap_take(page)", "== OWNER_USER"),
    "a frame of a file is taken": (
        CASES, "kernel/mm/user_pages.h", "page_owner(page) == OWNER_USER && swap_take(page)",
        "page->count <= 2 && page != zero_page"),
    "a copy keeps the old reference": (
        CASES, "kernel/mm/fault.c", "    user_page_put(old);\n    mm->cow_copies++;",
        "    mm->cow_copies++;"),
    "the page of zeros is not counted": (
        CASES, "kernel/mm/fault.c", "    get_page(zero_page);\n", ""),
    "fork leaves private pages writable": (
        CASES, "kernel/mm/user_pages.c", "bool private = !(area->flags & VM_SHARED);",
        "bool private = area->flags & VM_EXEC;"),
    "a fault without a table loses its page": (
        CASES, "kernel/mm/fault.c", "        put_page(page);\n        return FAULT_OUT_OF_MEMORY;",
        "        return FAULT_OUT_OF_MEMORY;"),
    "the gap below the stack is not kept": (
        CASES, "kernel/mm/fault.c", "page - below->end < STACK_GAP_PAGES << PAGE_SHIFT",
        "page < below->end"),
    "hidden pages are not protected again": (
        RANDOM, "kernel/mm/pgtable.c", "!pte_has_frame(pte->value)", "!(pte->value & PTE_PRESENT)"),
    "hidden pages become executable": (
        RANDOM, "kernel/mm/user_pages.c", "PTE_PRESENT | PTE_HIDDEN | PTE_NX",
        "PTE_PRESENT | PTE_HIDDEN"),
    "mprotect leaves the right to write": (
        CASES, "kernel/mm/user_pages.c",
        "    if (!(area->flags & VM_WRITE)) clear |= PTE_WRITE;\n", ""),
    "areas of other offsets are joined": (
        RANDOM, "kernel/mm/areas.c", "return !area->file || area_pgoff(area, area->end) == next->pgoff;",
        "return true;"),
    "the tree forgets the hole behind": (
        RANDOM, "kernel/mm/vma.c", "    if (area->next) refresh_way_to(mm->root, area->next);\n", ""),
    "a cut that fails stays half done": (
        CASES, "kernel/mm/areas.c", "    if (error) area_join(mm, start, start);\n", ""),
    "a move that fails leaves pages": (
        CASES, "kernel/mm/user_pages.c",
        "    user_pages_unmap(gather, mm, to, to + (end - start));\n    return -ENOMEM;",
        "    return -ENOMEM;"),
    "a file that is cut stays mapped": (
        CASES, "kernel/mm/file_cut.c", "            user_pages_unmap(&gather, mm, start, area->end);\n",
        "            (void)mm;\n"),
}
QUICK = "the flush of a range is left out"


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.quick if name == QUICK else ())
                                  for name in BREAKS])
def test_is_noticed(tmp_path, name):
    test, path, old, new = BREAKS[name]
    with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
        source = file.read()
    assert source.count(old) == 1, path

    target = "build/host/" + test
    command = subprocess.run(["make", "-n", "--no-print-directory", "-W", path, target], cwd=REPOSITORY,
                             check=True, capture_output=True, text=True).stdout
    broken = tmp_path / "mm" / os.path.basename(path)
    broken.parent.mkdir()
    broken.write_text(source.replace(old, new))
    command = command.replace(target, str(tmp_path / "broken")).replace(path, str(broken))
    if path.endswith(".h"):
        command = command.replace("-I tests/host/fake", f"-I {tmp_path} -I tests/host/fake")
    subprocess.run(["sh", "-e", "-c", command.replace("-O1", "-O0")], cwd=REPOSITORY, check=True)
    assert is_noticed(tmp_path / "broken")


def is_noticed(program):
    """Does a test fail? What comes after the first one does not matter: lists may lead in circles."""
    with subprocess.Popen([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          bufsize=1) as running:
        for line in running.stdout:
            if re.search(r"FAILED|ERROR|runtime error|Failure", line):
                running.kill()
                return True
    return running.returncode != 0
