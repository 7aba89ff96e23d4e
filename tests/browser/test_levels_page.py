"""docs/boot-sector.md in a browser, as a learner uses it. Each test is a scenario of levels.mjs."""

import os

import pytest

CHROMIUM = "/usr/bin/chromium"


@pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="there is no Chromium")
@pytest.mark.parametrize("scenario", [pytest.param("pass", marks=pytest.mark.quick),
                                      "step", "trouble", "keyboard", "looks"])
def test_levels_page(scenario, site, node):
    node("levels.mjs", site, scenario, timeout=180)
