"""The site as a reader comes to it: first page, chapters, links. Each test is a scenario of site.mjs."""

import os

import pytest

CHROMIUM = "/usr/bin/chromium"


@pytest.mark.quick
def test_links_to_sources(node):
    assert node("links.mjs") == []


QUICK = ["home"]
SLOW = ["chapter", "commands", "links", "image", "lost", "unpacked", "waiting", "colours"]


@pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="there is no Chromium")
@pytest.mark.parametrize("scenario", [pytest.param(name, marks=pytest.mark.quick) for name in QUICK] + SLOW)
def test_site(scenario, site, node):
    print(*node("site.mjs", site, scenario, timeout=180), sep="\n")
