"""A real Chromium, and a page that notes whatever it does that it should not."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

DESKTOP = (1280, 800)
PHONE = (320, 568)


class Widget:
    """The widget on a page, as a visitor sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.get_by_role("button", name=re.compile("Chat with us|Chatea"))
        self.dialog = page.locator("front-desk-chat dialog")
        self.log = page.get_by_role("log")
        self.input = page.get_by_label(re.compile("Your question|Tu pregunta"))
        self.panel = page.locator("front-desk-chat .help-panel")
        self.toggle = page.locator("front-desk-chat .help-toggle")
        self.trouble = page.get_by_text("We cannot reach the chat right now").first

    def open(self, url: str) -> "Widget":
        self.page.goto(url)
        self.launcher.click()
        return self

    def opened(self, url: str) -> "Widget":
        """Open, and wait for the greeting."""
        self.open(url)
        expect(self.log.get_by_text("automated assistant").first).to_be_visible()
        return self

    def say(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def lines(self, sender: str) -> Locator:
        return self.log.locator(f".line.{sender} .text")

    def session(self) -> dict[str, Any]:
        """What the widget keeps in this tab."""
        kept = self.page.evaluate("() => Object.values(sessionStorage)[0]")
        session: dict[str, Any] = json.loads(kept)
        return session


class Watched:
    """What pages asked for and complained about."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.problems: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", lambda message: self._note(message.text))

    def _note(self, text: str) -> None:
        if "Content Security Policy" in text or "violates" in text:
            self.problems.append(text)

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.requests if url.startswith("http")}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    # Not for the whole session: Playwright's event loop would be in the way of asynchronous tests.
    with sync_playwright() as playwright:
        expect.set_options(timeout=20_000)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def watched() -> Iterator[Watched]:
    """Every browser test fails on a script error or a break of the page's security policy."""
    watched = Watched()
    yield watched
    assert watched.problems == []


@pytest.fixture
def new_page(browser: Browser, watched: Watched) -> Iterator[Callable[..., Page]]:
    """Makes pages of a given size, each in a browser profile of its own."""
    contexts = []

    def make(size: tuple[int, int] = DESKTOP, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        contexts.append(context)
        page = context.new_page()
        watched.watch(page)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def widget(new_page: Callable[..., Page]) -> Widget:
    return Widget(new_page(DESKTOP))


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Widget:
    return Widget(new_page(PHONE, has_touch=True))


@pytest.fixture
def other_site() -> Iterator[Callable[..., str]]:
    """Serves a page of another origin with a strict policy that embeds the widget."""
    servers: list[ThreadingHTTPServer] = []

    def serve(front_desk_url: str, attributes: str = "") -> str:
        script = f'<script src="{front_desk_url}/widget.js" defer {attributes}></script>'
        page = f'<!doctype html><html lang="en"><title>Host</title>{script}<h1>Host</h1></html>'
        policy = (
            f"default-src 'none'; script-src {front_desk_url}; connect-src {front_desk_url}; "
            "style-src 'none'; base-uri 'none'; form-action 'none'"
        )

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path == "/"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(page.encode() if found else b"")

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def reply_with(mode: str, *messages: dict[str, Any]) -> Callable[[Route], None]:
    """A route handler that answers as the server would."""
    body = json.dumps({"mode": mode, "messages": list(messages)})
    return lambda route: route.fulfill(status=200, content_type="application/json", body=body)
