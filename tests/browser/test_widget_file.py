"""What can be said of the widget without a browser."""

import gzip
import re

from frontdesk.paths import WEB

WIDGET = WEB / "widget.js"


def test_the_widget_is_at_most_15_kb_compressed() -> None:
    assert len(gzip.compress(WIDGET.read_bytes(), 9)) <= 15 * 1024


def test_the_widget_never_turns_text_into_html_or_code() -> None:
    dangerous = (
        r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|DOMParser|document\.write"
        r"|eval\(|new Function"
    )
    assert re.findall(dangerous, WIDGET.read_text("utf-8")) == []


def test_the_widget_names_no_other_server_than_the_crisis_lines() -> None:
    hosts = set(re.findall(r"https?://([\w.-]+)", WIDGET.read_text("utf-8")))
    assert hosts == {"988lifeline.org", "desk.example"}  # the second is in the usage comment


def test_the_pages_have_no_inline_script_or_style() -> None:
    for page in WEB.glob("*.html"):
        html = page.read_text("utf-8")
        assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html) == [], page.name
