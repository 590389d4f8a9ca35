"""The page and a real EventSource, in a real Chromium, against servers that are really killed."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from chatserver.tests.harness.page import come_in, expect_live
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

COLLECT = """
(url) => {
    window.heard = [];
    window.source = new EventSource(url);
    for (const name of ["hello", "reset", "message.created"])
        window.source.addEventListener(name, (event) => window.heard.push([name, event.lastEventId, event.data]));
}
"""


@pytest.fixture(scope="module")
def second(start_shared_service: Callable[..., Service], site: Service) -> Service:
    """Another process of it, which stays when the first is killed."""
    return start_shared_service(beside=site)


def texts(page: Page) -> str:
    return page.locator("[data-testid=message-log]").inner_text()


def test_two_tabs_share_one_stream_and_the_second_goes_on_without_the_first(
    site: Service, context: BrowserContext
) -> None:
    streams: list[str] = []
    context.on("request", lambda request: streams.append(request.url) if "/api/v1/stream" in request.url else None)
    first, complaints = come_in(context, site.url, "Taylor")
    second = context.new_page()
    second.goto(f"{site.url}/#/rooms/0")
    expect_live(second)
    (writer,) = site.people()
    writer.send_text("for both tabs")
    for page in (first, second):
        expect(page.get_by_test_id("message-log").get_by_text("for both tabs", exact=True)).to_be_visible()
    assert len(streams) == 1
    # While the first one closes, it may still hand on what its stream brings.
    with context.expect_event("request", lambda request: "/api/v1/stream" in request.url):
        first.close()
    writer.send_text("for the second tab")
    expect(second.get_by_test_id("message-log").get_by_text("for the second tab", exact=True)).to_be_visible()
    assert len(streams) == 2
    assert complaints == []


def test_the_page_misses_nothing_when_the_server_is_killed(
    site: Service, second: Service, context: BrowserContext
) -> None:
    page, _ = come_in(context, site.url, "Taylor")
    (writer,) = second.people()
    writer.send_text("before the crash")
    expect(page.get_by_test_id("message-log").get_by_text("before the crash")).to_be_visible()
    site.kill()
    expect(page.locator("[data-testid=connection-state]")).not_to_have_attribute("data-state", "live")
    writer.send_text("during the crash")
    site.start()
    expect(page.locator("[data-testid=connection-state]")).to_have_attribute("data-state", "live", timeout=30_000)
    writer.send_text("after the crash")
    expect(page.get_by_test_id("message-log").get_by_text("after the crash")).to_be_visible()
    shown = texts(page)
    order = [shown.index(f"{when} the crash") for when in ("before", "during", "after")]
    assert order == sorted(order)
    assert [shown.count(f"{when} the crash") for when in ("before", "during", "after")] == [1, 1, 1]
    seqs = [int(seq) for seq in page.locator("[data-seq]").evaluate_all("all => all.map((one) => one.dataset.seq)")]
    assert seqs == sorted(set(seqs))


def test_a_real_event_source_resumes_without_loss(site: Service, second: Service, context: BrowserContext) -> None:
    reader, writer = second.people(2)
    room = writer.make_room(reader)
    page = context.new_page()
    page.goto(f"{site.url}/healthz")
    page.set_extra_http_headers({"Authorization": f"Bearer {reader.token}"})
    page.evaluate(COLLECT, f"{site.url}/api/v1/stream")
    wait_for(lambda: page.evaluate("window.heard.length"), what="hello")
    for number in range(6):
        if number in {2, 4}:
            site.kill()
        writer.send_text(f"message {number}", room)
        if number in {3, 5}:
            site.start()
            page.wait_for_function(f"window.heard.filter(([name]) => name === 'hello').length > {number // 2}")
    page.wait_for_function("window.heard.some(([name, id, data]) => data.includes('message 5'))", timeout=30_000)
    heard = page.evaluate("window.heard")
    messages = [(int(id_), json.loads(data)) for name, id_, data in heard if name == "message.created"]
    assert [body["data"]["message"] for _, body in messages] == [f"message {number}" for number in range(6)]
    assert [id_ for id_, _ in messages] == [body["position"] for _, body in messages]
    assert [json.loads(data)["resumed"] for name, _, data in heard if name == "hello"] == [False, True, True]
    assert not any(name == "reset" for name, _, _ in heard)
