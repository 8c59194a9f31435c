"""The report in a real browser: silent, self-contained, readable on a phone and on paper.

The page is the one that the environment variable DEEPRULES_REPORT names, else one made from
invented results.
"""

import json
import os
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from report_fixture import TEMPLATE, ReportFixture

from deeprules.report.page import render_report

selenium = pytest.importorskip("selenium")
from selenium.webdriver import Chrome, ChromeOptions  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="needs the programs chromium and chromedriver"
)
SWITCHES = """--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run
    --disable-background-networking --disable-component-update --disable-sync"""
PATIENCE = 240
"""Seconds until something has to be drawn, on a machine with much else to do."""
PHONE = 360
PAPER = 688
"""Pixels of the text on A4 between the margins of the page."""
AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
needs_axe = pytest.mark.skipif(
    not AXE.exists(), reason="needs axe-core: npm ci --prefix tests/browser"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = ChromeOptions()
    options.binary_location = BROWSER
    for switch in SWITCHES.split():
        options.add_argument(switch)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    if "DEEPRULES_REPORT" in os.environ:
        return Path(os.environ["DEEPRULES_REPORT"]).resolve()
    folder = tmp_path_factory.mktemp("report")
    run = ReportFixture(folder, transfer=True)
    page = folder / "report.html"
    page.write_text(render_report(run.load(), TEMPLATE))
    return page


def open_window(browser, width: int) -> None:
    """Give the window a width."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE},
    )


def open_page(browser, page: Path, width: int = 1280) -> None:
    """Load a page at a width and wait until its figures are drawn."""
    open_window(browser, width)
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(page.as_uri())
    drawn = "return document.readyState == 'complete' && document.documentElement.dataset.drawn"
    WebDriverWait(browser, PATIENCE).until(lambda driver: driver.execute_script(drawn))


def unfold(browser) -> None:
    """Open every section, and wait until its figures are drawn."""
    browser.execute_script("document.getElementById('fold-button').click()")
    WebDriverWait(browser, PATIENCE).until(lambda driver: not undrawn_plots(driver))


def accessibility_faults(browser) -> list[str]:
    """What axe-core finds, but in the drawings, whose numbers stand in tables."""
    browser.execute_script(AXE.read_text())
    found = browser.execute_async_script("""
        const done = arguments[arguments.length - 1];
        axe.run({ exclude: [".plot svg"] }, { resultTypes: ["violations"] }).then(done);
    """)
    return [
        f"{fault['id']}: {node['html'][:80]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.fixture
def whole(browser, report):
    """The browser with all sections unfolded at full width, for tests that change nothing of it."""
    if not browser.execute_script("return window.isWhole"):
        open_page(browser, report)
        unfold(browser)
        browser.execute_script("window.isWhole = true")
    return browser


def put_on_paper(browser, page: Path) -> None:
    """Show a page as it is laid out for printing."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    open_page(browser, page, width=PAPER)
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    WebDriverWait(browser, PATIENCE).until(lambda driver: not undrawn_plots(driver))


def fetched(browser, page: Path) -> list[str]:
    """Addresses asked for since the page was opened, but for the page and what is inside it."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    return [
        address
        for address in addresses
        if address.split("#")[0] != page.as_uri() and not address.startswith(("data:", "blob:"))
    ]


def wide_elements(browser, but: str = ".scroll, .wide,") -> list[str]:
    """Elements that stick out of the window, other than inside a box that scrolls."""
    script = """
        const width = document.documentElement.clientWidth;
        const wide = [...document.querySelectorAll("body *")].filter((element) =>
            !element.closest(`${arguments[0]} .hidden, .skip, svg`) &&
            element.getBoundingClientRect().right > width + 1);
        const page = document.documentElement.scrollWidth > width ? ["the page"] : [];
        return page.concat(wide.map((element) => element.outerHTML.slice(0, 80)));
    """
    return browser.execute_script(script, but)


def dead_links(browser) -> list[str]:
    """In-page links that lead nowhere."""
    return browser.execute_script("""
        return [...document.querySelectorAll("a[href^='#']")].map((link) => link.hash.slice(1))
            .filter((id) => !document.getElementById(id));
    """)


def plot_sizes(browser) -> list[list[float]]:
    """Width and height of every drawing that fits its box."""
    return browser.execute_script("""
        return [...document.querySelectorAll(".plot svg.main-svg:first-child")]
            .filter((drawing) => !drawing.closest(".wide"))
            .map((drawing) => [drawing.clientWidth, Math.round(drawing.clientHeight)]);
    """)


def folded(browser) -> list[str]:
    """Ids of what is folded, of the section for a whole one."""
    return browser.execute_script("""
        return [...document.querySelectorAll(".section:not([open]), #against:not([open])")]
            .map((one) => one.id || one.closest("section").id);
    """)


def undrawn_plots(browser) -> list[str]:
    """Figures without a drawing."""
    return browser.execute_script("""
        return [...document.querySelectorAll(".plot")].filter((plot) =>
            !plot.querySelector("svg.main-svg")).map((plot) => plot.dataset.figure);
    """)


def test_console_is_silent_and_nothing_is_fetched(whole, report):
    assert whole.get_log("browser") == []
    assert fetched(whole, report) == []


def test_every_table_and_figure_has_a_name(whole):
    unnamed = whole.execute_script("""
        return [...document.querySelectorAll("table")].filter((table) =>
            !table.caption || !table.querySelector("th[scope=col]")).length +
            [...document.querySelectorAll(".plot")].filter((plot) =>
            !plot.getAttribute("aria-label")).length;
    """)
    assert unnamed == 0


def test_headings_are_in_order_and_all_is_reached_by_keyboard(whole):
    levels = whole.execute_script(
        "return [...document.querySelectorAll('h1, h2, h3, h4')].map((one) => +one.tagName[1])"
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    unreached = whole.execute_script("""
        return [...document.querySelectorAll("main .scroll, main .wide, summary, .marks a, select")]
            .filter((one) => one.tabIndex < 0).length;
    """)
    assert unreached == 0


def test_links_within_the_page_lead_somewhere(whole):
    assert dead_links(whole) == []


@needs_axe
def test_axe_finds_nothing(whole):
    assert accessibility_faults(whole) == []


def test_every_choice_of_every_figure_can_be_drawn(whole):
    whole.execute_script("""
        for (const select of document.querySelectorAll("figure select")) {
            for (const option of select.options) {
                select.value = option.value;
                select.dispatchEvent(new Event("change"));
            }
        }
    """)
    assert undrawn_plots(whole) == []
    assert whole.get_log("browser") == []


def test_figures_keep_their_height_when_the_window_changes(whole):
    before = plot_sizes(whole)
    open_window(whole, 900)
    WebDriverWait(whole, PATIENCE).until(lambda _: plot_sizes(whole) != before)
    after = plot_sizes(whole)
    whole.execute_script("window.isWhole = false")
    assert [height for _, height in after] == [height for _, height in before]
    assert all(width <= 900 for width, _ in after)


def test_the_first_figure_is_drawn_and_the_others_when_they_are_unfolded(browser, report):
    open_page(browser, report)
    names = browser.execute_script(
        "return [...document.querySelectorAll('.plot')].map((one) => one.dataset.figure)"
    )
    assert len(names) >= 5 and undrawn_plots(browser) == names[1:]
    unfold(browser)
    assert undrawn_plots(browser) == []
    assert all(width > 200 for width, _ in plot_sizes(browser))


def test_everything_is_unfolded_on_paper_and_folded_again(browser, report):
    open_page(browser, report)
    before = plot_sizes(browser)
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert undrawn_plots(browser) == [] and folded(browser) == []
    assert max(width for width, _ in plot_sizes(browser)) <= 640
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert plot_sizes(browser)[:1] == before and len(folded(browser)) > 10


def test_no_table_is_cut_and_no_figure_is_split_on_paper(browser, report):
    put_on_paper(browser, report)
    assert wide_elements(browser, but="") == []
    rules = browser.execute_script("""
        return [...document.querySelectorAll("figure, tr, .marks, .verdict")]
            .map((element) => getComputedStyle(element).breakInside);
    """)
    wide = "document.querySelector('td').innerHTML = '<div style=\"width: 900px\">wide</div>'"
    browser.execute_script(wide)
    found = wide_elements(browser, but="")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert any("wide" in element for element in found)
    assert set(rules) == {"avoid"}


def test_a_mark_and_the_rest_of_what_weighs_against_it_are_unfolded_by_their_links(browser, report):
    open_page(browser, report)
    for link, place in (("a[href='#tip-7']", "tip-7"), ("nav a[href='#tuning']", "tuning-title")):
        browser.find_element("css selector", link).click()
        assert browser.find_element("id", place).is_displayed()
    assert "tuning" not in folded(browser)
    browser.get(f"{report.as_uri()}#against")
    browser.refresh()
    WebDriverWait(browser, PATIENCE).until(lambda _: "against" not in folded(browser))


def test_on_a_phone_nothing_sticks_out_and_navigation_opens_and_closes(browser, report):
    open_page(browser, report, width=PHONE)
    assert wide_elements(browser) == []
    button = browser.find_element("id", "nav-button")
    links = browser.find_element("id", "nav-list")
    assert not links.is_displayed()
    button.click()
    assert links.is_displayed()
    links.find_element("link text", "Test results").click()
    assert not links.is_displayed() and "test" not in folded(browser)
    unfold(browser)
    assert wide_elements(browser) == []


@needs_axe
def test_axe_finds_nothing_on_a_folded_phone(browser, report):
    open_page(browser, report, width=PHONE)
    assert accessibility_faults(browser) == []


@needs_axe
def test_axe_catches_planted_faults(browser, report, tmp_path):
    page = tmp_path / "faulty.html"
    faults = "<img src='data:,'><p style='color: #bbb'>pale</p><h5>too deep</h5></main>"
    page.write_text(report.read_text().replace("</main>", faults))
    open_page(browser, page)
    found = {fault.split(":")[0] for fault in accessibility_faults(browser)}
    assert {"image-alt", "color-contrast", "heading-order"} <= found


def test_checks_catch_planted_faults(browser, report, tmp_path):
    page = tmp_path / "faulty.html"
    faults = (
        "<script src='https://example.org/plotly.js'></script>"
        "<a href='#nowhere'>x</a><div style='width: 900px'>wide</div>"
        "<div class='plot' data-figure='missing'></div></body>"
    )
    page.write_text(report.read_text().replace("</body>", faults))
    open_page(browser, page, width=PHONE)
    assert fetched(browser, page) == ["https://example.org/plotly.js"]
    assert browser.get_log("browser") != []
    assert dead_links(browser) == ["nowhere"]
    assert any("wide" in element for element in wide_elements(browser))
    assert undrawn_plots(browser)[-1:] == ["missing"]
