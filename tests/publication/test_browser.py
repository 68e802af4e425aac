"""The published pages in a real browser, from a folder and from a server on loopback."""

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
WIDTHS = [375, 1280]
AXE = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tests' output is pytest's."""


@pytest.fixture
def address(version: Path) -> Iterator[str]:
    """The public edition, served on loopback."""
    handler = partial(Quiet, directory=str(version / "public"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_stands_alone_and_fits_the_screen(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    heading = page.get_by_role("heading", level=1).inner_text()
    assert heading == "Social care performance, July to September 2025"
    assert page.title() == f"{heading} – Fallowmere Council"
    assert page.locator(".card").count() == 3
    assert page.get_by_text("Closer to the target than last quarter (70.0%)").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("link", name="Re-referrals within 12 months").first.click()
    page.get_by_text("The figures behind the chart").first.click()
    assert page.locator("details[open] table").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert said == []
    assert asked == [address, address.replace("index", "front-door")]
    page.close()


@pytest.mark.parametrize(("edition", "width"), [("public", 375), ("officer", 1280)])
def test_every_page_is_accessible_and_asks_for_nothing(
    browser: Browser, version: Path, edition: str, width: int
) -> None:
    """No violation of WCAG 2.2 A or AA that axe-core finds, with the first of the details open."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    visited = [path.as_uri() for path in sorted((version / edition).glob("*.html"))]
    for address in visited:
        page.goto(address)
        page.evaluate(
            "[...document.querySelectorAll('details')].slice(0, 2).forEach(each => each.open = true)"
        )
        found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") == width, address
    assert len(visited) > 10
    assert said == []
    assert asked == visited
    page.close()


@pytest.mark.parametrize(("width", "height", "cards"), [(1280, 800, 3), (375, 812, 1)])
def test_a_member_need_not_scroll_to_learn_why(
    browser: Browser, address: str, width: int, height: int, cards: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(address)
    for number in range(cards):
        for question in ("Why", "What is being done"):
            box = page.locator(".card").nth(number).get_by_text(question, exact=True).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] < height, (number, question)
    page.close()


def test_rows_of_the_narrow_tables_are_still_rows_to_a_screen_reader(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 900})
    page.goto(address.replace("index", "front-door"))
    row = page.get_by_role("row", name="Re-referrals within 12 months").first
    assert row.get_by_role("rowheader").inner_text() == "Re-referrals within 12 months"
    assert row.get_by_role("cell").count() == 6
    page.close()


def test_the_keyboard_reaches_the_content_first(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.close()


def test_a_linked_csv_downloads(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address.replace("index", "front-door"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Re-referrals within 12 months: figures as CSV").click()
    assert download.value.path().read_text(encoding="utf-8").splitlines()[-1].startswith('"FD07"')
    page.close()


def test_the_officer_edition_opens_from_its_folder(browser: Browser, version: Path) -> None:
    page = browser.new_page()
    page.goto((version / "officer" / "index.html").as_uri())
    assert page.get_by_text("Officer edition: not for publication").is_visible()
    page.get_by_role("link", name="Child protection").first.click()
    assert page.get_by_text("SENTINEL cause").is_visible()
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "2025-26-Q2/v1.0.0/review/changes.html",
        "2025-26-Q2/v1.0.0/review/disclosure.html",
        "2025-26-Q2/v1.0.0/public/changes.html",
    ],
)
def test_the_catalogue_and_the_pages_for_sign_off_stand_alone_and_fit(
    browser: Browser, past: Path, name: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((past / name).as_uri())
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    assert said == []
    assert asked == [(past / name).as_uri()]
    page.close()
