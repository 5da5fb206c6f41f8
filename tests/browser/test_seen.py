"""What the samples of hidden and seen text say is what Chromium shows; EVERY_SAMPLE=1 looks at all of them."""

import os
import re

import pytest
from playwright.sync_api import Browser

from tests.mcp.seen import SAMPLES

# Dots and faint traces that nobody can read, and what takes room without being seen.
TRACES = re.compile(
    r"a font of|the shorthand|fonts within|a zoom|nearly white|hardly any|opacity of|an id|white of old$"
)
ROOM = re.compile(r"visibility hidden|a class within|a link among|hardly")


NAMES = list(SAMPLES) if os.environ.get("EVERY_SAMPLE") else list(SAMPLES)[::9]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", NAMES)
def test_chromium_shows_what_is_seen_and_nothing_of_what_is_hidden(chromium: Browser, name: str) -> None:
    html = SAMPLES[name]
    page = chromium.new_page(viewport={"width": 1280, "height": 260})

    def look(text: str) -> bytes:
        page.set_content(text if text.startswith("<!doctype") else f"<!doctype html><body>{text}")
        return page.screenshot()

    shown = look(html)
    for word in set(re.findall(r"(?:see|hid)\d", html)):
        differs = look(html.replace(word, "WQ@M")) != shown
        if word.startswith("see") or not (TRACES.search(name) or ROOM.search(name)):
            assert differs == word.startswith("see"), word
    page.close()
