"""The site in a hurry: mistyped links, bad networks, two windows. Each test is a scenario of adverse.mjs."""

import os

import pytest

CHROMIUM = "/usr/bin/chromium"
SCENARIOS = ["images", "hurry", "asked", "windows", "endless", "level"]


@pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="there is no Chromium")
@pytest.mark.parametrize("scenario", [
    pytest.param(name, marks=pytest.mark.quick if name == "windows" else ()) for name in SCENARIOS])
def test_adverse(scenario, site, node):
    node("adverse.mjs", site, scenario, timeout=180)
