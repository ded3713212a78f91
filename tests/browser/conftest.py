"""A local cloud, a model of known pace, Chromium, and people in front of it.

`pytest tests/browser --pictures` writes the pictures of docs/pictures anew; all others go to test-results/.
"""

import contextlib
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks.prose_model import served
from devcloud.places import free_port
from devcloud.supervisor import Cloud
from tests.browser.stage import Person, Watch, listens, wait_until

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "test-results"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
# Every test has an account of its own, all from one address; a dead worker shall not be waited for long.
SETTINGS = {
    "TAVERN_SIGN_INS_PER_MINUTE": "1000",
    "TAVERN_REQUESTS_PER_MINUTE": "6000",
    "TAVERN_LEASE_SECONDS": "6",
    "TAVERN_LEASE_RENEW_SECONDS": "2",
}

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}

expect.set_options(timeout=20_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="write docs/pictures anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A journey takes longer than other tests."""
    for item in items:
        if Path(__file__).parent in item.path.parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(120))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keeps a picture of every page that was open when a test failed."""
    report = yield
    if report.when == "call" and report.failed:
        for number, page in enumerate(getattr(item, "pages", [])):
            with contextlib.suppress(Exception):
                RESULTS.mkdir(exist_ok=True)
                page.screenshot(path=RESULTS / f"failed-{item.name}-{number}.png", timeout=5_000)
    return report


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The whole product, with one worker and whatever Redis the machine has."""
    if not (ROOT / "web" / "dist" / "index.html").exists():
        pytest.fail("The web client is not built. Run `make setup` first.", pytrace=False)
    made = Cloud(tmp_path_factory.mktemp("cloud"), port=0, workers=1, settings=SETTINGS)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def model() -> Iterator[str]:
    """The address of an OpenAI-compatible server whose models speak at the pace that their names say."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.paced_model", "--port", str(port)], cwd=ROOT)
    wait_until(lambda: listens(port))
    yield f"http://127.0.0.1:{port}/v1"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def prose() -> Iterator[str]:
    """The address of a model that tells stories: see benchmarks/prose_model.py."""
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. A module has its own: Playwright keeps an event loop, in which tests of other modules must not run."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("The browser tests need Chromium on the path.", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def newcomer(cloud: Cloud, model: str, request: pytest.FixtureRequest) -> Callable[..., Person]:
    """Signs somebody up: `newcomer()`, `newcomer("zh-CN")`. A test may have several."""
    made: list[Person] = []

    def sign_up(locale: str = "en") -> Person:
        digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:8]
        made.append(Person(cloud, model, f"ada{digest}{len(made)}", locale))
        return made[-1]

    return sign_up


@pytest.fixture
def ada(newcomer: Callable[..., Person]) -> Person:
    """A person of this test's own."""
    return newcomer()


@pytest.fixture
def window(cloud: Cloud, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser window: of somebody signed in, or of a stranger. What no page may do is checked at the end.

    `harmful`: the cards in it hold what the policy forbids, and Chromium says so while the sanitizer reads them.
    """
    opened: list[tuple[BrowserContext, Watch]] = []
    request.node.pages = []

    def open_window(person: Person | None = None, *, harmful: bool = False, **options: Any) -> BrowserContext:
        context = browser.new_context(
            **{
                "base_url": cloud.url,
                "locale": "en-US",
                "viewport": {"width": 1280, "height": 800},
                "storage_state": person.signed_in() if person else None,
                **options,
            }
        )
        context.set_default_timeout(20_000)
        context.on("page", lambda page: request.node.pages.append(page))
        opened.append((context, Watch(context, cloud.url, harmful=harmful)))
        return context

    yield open_window
    faults = []
    for context, watch in opened:
        context.close()
        faults += watch.faults
    assert not faults, "\n".join(sorted(set(faults)))


@pytest.fixture
def page(ada: Person, window: Callable[..., BrowserContext]) -> Page:
    """Ada's page."""
    return window(ada).new_page()


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Keeps a picture of a page in test-results/."""

    def take(page: Page, name: str, **options: Any) -> Path:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{re.sub(r'[^a-z0-9-]', '-', name.lower())}.png"
        page.screenshot(path=path, **options)
        return path

    return take
