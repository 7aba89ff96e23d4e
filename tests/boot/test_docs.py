"""The transcript in the documentation is what the machine says (figures may differ)."""

import importlib.machinery
import importlib.util
import os
import re

import pytest
from image import REPOSITORY


def load_script(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"),
                                                  os.path.join(REPOSITORY, "scripts", name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def without_figures(text):
    return re.sub(r"[0-9a-f]*[0-9][0-9a-f]*", "N", text)


@pytest.mark.quick
def test_transcript():
    pictures = load_script("make-pictures")
    with open(os.path.join(REPOSITORY, "docs/transcript.txt"), encoding="ascii") as file:
        assert without_figures(pictures.boot()[0]) == without_figures(file.read()), \
            "run scripts/make-pictures and scripts/gen-docs"
