"""Chapter 16: without the loop of its flush the model of the TLB finds old translations."""

import os
import subprocess

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FLUSH = "kernel/mm/tlb_gather.c"
LOOP = """    else
        for (uint32_t i = 0; i < pages; i++)
            tlb_flush_page(gather->mm, virt_addr(gather->first.value + i * PAGE_SIZE));
"""
TARGET = "build/host/test_paging_random"


@pytest.mark.quick
def test_random_calls_miss_the_loop(tmp_path):
    with open(os.path.join(REPOSITORY, FLUSH), encoding="utf-8") as file:
        source = file.read()
    assert LOOP in source
    (tmp_path / "tlb_gather.c").write_text(source.replace(LOOP, ""))

    command = subprocess.run(["make", "-n", "--no-print-directory", "-W", FLUSH, TARGET],
                             cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    assert FLUSH in command and TARGET in command
    command = (command.replace(FLUSH, str(tmp_path / "tlb_gather.c"))
               .replace(TARGET, str(tmp_path / "broken")))
    subprocess.run(["sh", "-e", "-c", command], cwd=REPOSITORY, check=True)
    ended = subprocess.run([tmp_path / "broken"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 6, ended.stdout + ended.stderr  # cmocka: the tests that failed
