"""`page`: its first paint in a slow network, and how long keys, messages and scrolling keep a browser busy."""

import asyncio
import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.client.http import Connection
from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed, Service
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run

MESSAGES = 10_000
WRITERS = 6
BURST, BURST_SECONDS = 300, 3.0
KEYS = 50
LONGEST_TASK_MS, KEY_MS = 50.0, 16.0
# A phone at the edge of its network.
SLOW_BYTES, SLOW_LATENCY_MS = 400 * 1000 / 8, 100
FIRST_PAINT_MS = 1_500.0
SCROLLED_FRAMES, PIXELS_A_FRAME = 600, 80
FRAME_MS = 1000 / 60
# Scroll up by as much in each frame; returns what lay between the frames, in ms, and how many found nothing above.
SCROLL = """([list, frames, pixels]) => new Promise((resolve) => {
    const between = [];
    let waited = 0;
    let last = performance.now();
    const step = (now) => {
        between.push(now - last);
        last = now;
        if (list.scrollTop <= 0) waited += 1;
        list.scrollTop -= pixels;
        if (between.length < frames) requestAnimationFrame(step);
        else resolve([between, waited]);
    };
    requestAnimationFrame(step);
})"""
PASSWORD = "a long pass phrase"  # noqa: S105 - of a service that ends with the run
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium's own updates would ask hosts elsewhere.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# What the browser's main thread does, task by task, with the processor time of each: on a machine that also runs the
# service, a task may wait for a core in the middle.
CATEGORIES = "toplevel,disabled-by-default-devtools.timeline,devtools.timeline"


class Tasks:
    """`with Tasks(page) as tasks:`; then `processor` and `wall` of what the main thread did, in ms, longest first."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._events: list[dict[str, Any]] = []
        self._is_complete = False
        self._session.on("Tracing.dataCollected", lambda data: self._events.extend(data["value"]))
        self._session.on("Tracing.tracingComplete", lambda _: setattr(self, "_is_complete", True))

    def __enter__(self) -> "Tasks":
        self._session.send("Tracing.start", {"categories": CATEGORIES, "transferMode": "ReportEvents"})
        return self

    def __exit__(self, *_: object) -> None:
        self._session.send("Tracing.end")
        while not self._is_complete:
            self._page.wait_for_timeout(50)
        # Only the main thread of a page calls functions of the page.
        pages = {(event["pid"], event["tid"]) for event in self._events if event["name"] == "FunctionCall"}
        tasks = [
            event
            for event in self._events
            if event["name"].endswith("RunTask") and "dur" in event and (event["pid"], event["tid"]) in pages
        ]
        self.processor = sorted((event.get("tdur", 0) / 1000 for event in tasks), reverse=True)
        self.wall = sorted((event["dur"] / 1000 for event in tasks), reverse=True)

    def figures(self, target: float) -> list[Figure]:
        return [
            Figure("the longest task, processor", self.processor[0], "ms", target, is_at_most=True),
            Figure("the longest task, on the clock", self.wall[0], "ms"),
        ]


def measure(run: Run) -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        run.skip("playwright is not installed: `pip install -r requirements-dev.txt`")
        return
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        run.skip("no Chromium was found")
        return
    run.say("starting")
    with Service(Seed(users=WRITERS, messages=MESSAGES)) as service:
        asyncio.run(register(service))
        with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=FLAGS) as browser:
            run.say("the first paint in a slow network")
            add_first_paint(run, browser, service.port)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            open_general(page, service.port)
            run.say(f"{KEYS} keys, a room of {MESSAGES:,} messages")
            add_keys(run, page)
            run.say(f"{BURST} messages in {BURST_SECONDS:.0f} s")
            add_burst(run, page, service)
            run.say(f"scrolling, {SCROLLED_FRAMES} frames")
            add_scroll(run, page)


async def register(service: Service) -> None:
    connection = Connection(service.port)
    body = json.dumps({"username": "reader", "password": PASSWORD}).encode()
    answer = await connection.request("POST", "/api/v1/users/", body)
    connection.close()
    if not answer.is_success:
        raise RuntimeError(f"registration: {answer.status} {answer.body!r}")


def open_general(page: Any, port: int) -> None:
    page.goto(f"http://127.0.0.1:{port}/")
    page.locator("#signin-form [name=username]").fill("reader")
    page.locator("#signin-form [name=password]").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.locator("[data-testid=connection-state][data-state=live]").wait_for()
    page.locator(f"#rooms [data-room-id='{GENERAL}']").click()
    page.get_by_test_id("message").last.wait_for()


def add_first_paint(run: Run, browser: Any, port: int) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"downloadThroughput": SLOW_BYTES, "uploadThroughput": SLOW_BYTES, "latency": SLOW_LATENCY_MS}
    session.send("Network.emulateNetworkConditions", {"offline": False, **limits})
    began = time.monotonic()
    page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
    page.locator("#signin-form").wait_for()
    usable = (time.monotonic() - began) * 1000
    page.wait_for_load_state("load")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    figures = [
        Figure("first paint", painted, "ms", FIRST_PAINT_MS, is_at_most=True),
        Figure("until the form to sign in", usable, "ms"),
    ]
    run.add(Finding("The page, first visit at 400 kbit/s and 100 ms", figures))
    context.close()


def add_scroll(run: Run, page: Any) -> None:
    delay_answers(page)
    messages = page.locator("#scroller").element_handle()
    between, waited = page.evaluate(SCROLL, [messages, SCROLLED_FRAMES, PIXELS_A_FRAME])
    between = sorted(between[1:])
    figures = [
        Figure("between frames, p50", between[len(between) // 2], "ms", FRAME_MS + 1, is_at_most=True),
        Figure("between frames, p95", between[len(between) * 95 // 100], "ms"),
        Figure("frames that came later than 25 ms", sum(each > 25 for each in between), "of them"),
        Figure("frames that had to wait for older messages", waited, "of them", 0, is_at_most=True),
    ]
    run.add(
        Finding(
            f"The page, scrolling up in a room of {MESSAGES:,} messages, answers {SLOW_LATENCY_MS} ms later", figures
        )
    )


def delay_answers(page: Any) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"downloadThroughput": -1, "uploadThroughput": -1, "latency": SLOW_LATENCY_MS}
    session.send("Network.emulateNetworkConditions", {"offline": False, **limits})


def add_keys(run: Run, page: Any) -> None:
    composer = page.get_by_test_id("composer-input")
    composer.focus()
    with Tasks(page) as tasks:
        for number in range(KEYS):
            composer.press("abcdefghij"[number % 10])
    run.add(Finding(f"The page, {KEYS} keys in a room of {MESSAGES:,} messages", tasks.figures(KEY_MS)))
    composer.fill("")


def add_burst(run: Run, page: Any, service: Service) -> None:
    with Tasks(page) as tasks, ThreadPoolExecutor(1) as pool:
        seconds = pool.submit(asyncio.run, post_burst(service)).result()
        page.get_by_test_id("message").filter(has_text=f"burst {BURST - 1}.").last.wait_for()
    figures = [*tasks.figures(LONGEST_TASK_MS), Figure("seconds", seconds, "s")]
    run.add(Finding(f"The page, {BURST} messages of others in the open room", figures))


async def post_burst(service: Service) -> float:
    """Post at an even rate; the last one comes last. Returns how long it took."""
    began = time.monotonic()
    connections = [Connection(service.port, token) for token in service.tokens]
    free = asyncio.Queue[Connection]()
    for connection in connections:
        free.put_nowait(connection)

    async def post(number: int) -> None:
        await asyncio.sleep(began + number * BURST_SECONDS / BURST - time.monotonic())
        connection = await free.get()
        body = json.dumps({"room_id": GENERAL, "message": f"burst {number}. A few words more, as people write."})
        answer = await connection.request("POST", "/api/v1/chats/", body.encode())
        free.put_nowait(connection)
        if not answer.is_success:
            raise RuntimeError(f"posting: {answer.status} {answer.body!r}")

    await asyncio.gather(*(post(number) for number in range(BURST - 1)))
    await post(BURST - 1)
    for connection in connections:
        connection.close()
    return time.monotonic() - began
