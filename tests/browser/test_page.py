"""The site in a browser, as a reader uses it. Each test is a scenario of page.mjs."""

import os

import pytest

CHROMIUM = "/usr/bin/chromium"

QUICK = ["walk", "break", "source"]
SLOW = ["drawings", "run", "keyboard", "phone", "colours", "search", "fold", "fault"]


@pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="there is no Chromium")
@pytest.mark.parametrize("scenario", [pytest.param(name, marks=pytest.mark.quick) for name in QUICK] + SLOW)
def test_page(scenario, site, node):
    node("page.mjs", site, scenario, timeout=180)
