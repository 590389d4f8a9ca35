"""`rich`: what a database costs whose messages have reactions, mentions and threads, against one of plain messages."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from benchmarks.processes.server import GENERAL, Account
from benchmarks.processes.service import Seed
from benchmarks.speed.generator import Worker
from benchmarks.speed.read import Task, keep_reading, tasks_of
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Side
from benchmarks.speed.tally import Tally
from benchmarks.speed.writers import CLIENTS, keep_posting, open_writers

ROOMS = 49
SEED = Seed(users=50, rooms=ROOMS, messages=50 * (ROOMS + 1))
# So many more in General; in the rich one, each with two mentions, three reactions and a reply.
MESSAGES, SHORT_MESSAGES = 2_000, 60
REACTIONS = ("%F0%9F%8E%89", "%F0%9F%91%8D", ":ship_it:")
TURNS = 6
SHARE = 0.9


def measure(run: Run) -> None:
    count = SHORT_MESSAGES if run.options.is_short else MESSAGES
    with ExitStack() as stack:
        plain, rich = [stack.enter_context(run.sides(SEED, workers=2))[0] for _ in range(2)]
        for side, kind, fill in ((plain, "plain", fill_plainly), (rich, "rich", fill_richly)):
            run.say(f"{count} {kind} messages")
            for generator in (side.writers, side.listeners):
                generator.call(open_writers, side.service.port, side.service.tokens[:CLIENTS])
            side.writers.call(fill, count, side.service.accounts)
        tasks = zip(tasks_of(plain.service), tasks_of(rich.service), strict=True)
        ratios = [compare(run, one.name, partial(read, plain, one), partial(read, rich, other)) for one, other in tasks]
        # The last, for the newest page is a plain one then.
        ratios.append(compare(run, "posts", partial(write, plain), partial(write, rich)))
    run.add(Finding("Rich messages, of what is answered with plain ones", ratios))


def compare(run: Run, name: str, do_plainly: Callable[[float], Tally], do_richly: Callable[[float], Tally]) -> Figure:
    """The rate of the second as a share of the first, in turns."""
    plain, rich = Tally(), Tally()
    for _ in range(TURNS):
        run.say(name)
        seconds = run.options.pick(9, 1) / TURNS
        plain.merge(do_plainly(seconds))
        rich.merge(do_richly(seconds))
    return Figure(name, rich.rate / plain.rate, "", SHARE)


def read(side: Side, task: Task, seconds: float) -> Tally:
    return side.listeners.call(keep_reading, seconds, task)


def write(side: Side, seconds: float) -> Tally:
    return side.writers.call(keep_posting, seconds, [GENERAL])


async def fill_plainly(worker: Worker, count: int, accounts: list[Account]) -> None:
    for number in range(count):
        await _request(worker, "POST", "/api/v1/chats/", room_id=GENERAL, message=_text(number, accounts))


async def fill_richly(worker: Worker, count: int, accounts: list[Account]) -> None:
    for number in range(count):
        text = _text(number, accounts)
        root = await _request(worker, "POST", "/api/v1/chats/", room_id=GENERAL, message=text.replace("#", "@"))
        for client, emoji in enumerate(REACTIONS):
            await _request(worker, "PUT", f"/api/v1/messages/{root}/reactions/{emoji}/", client=client)
        await _request(worker, "POST", "/api/v1/chats/", client=1, room_id=GENERAL, message="so do I", parent_id=root)


def _text(number: int, accounts: list[Account]) -> str:
    """As long with mentions as without."""
    one, other = (accounts[(number + step) % len(accounts)].name for step in (3, 4))
    return f"#{one} and #{other}, look at order {number:05}: it is late"


async def _request(worker: Worker, method: str, path: str, *, client: int = 0, **body: object) -> int:
    """The id of what was made, or 0."""
    answer = await worker.connections[client].request(method, path, json.dumps(body).encode() if body else None)
    if not answer.is_success:
        raise RuntimeError(f"{method} {path} was answered with {answer}")
    return int(answer.json()["id"]) if answer.status == 201 else 0
