"""`rich`: what a database costs whose messages have reactions, mentions and threads, against one of plain messages."""

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from benchmarks.client.http import Answer
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
    await _post(worker, [{"message": _text(number, accounts)} for number in range(count)])


async def fill_richly(worker: Worker, count: int, accounts: list[Account]) -> None:
    texts = [_text(number, accounts).replace("#", "@") for number in range(count)]
    roots = await _post(worker, [{"message": text} for text in texts])
    for step, emoji in enumerate(REACTIONS):  # each by somebody else
        paths = [f"/api/v1/messages/{root}/reactions/{emoji}/" for root in roots]
        await _spread(worker, [("PUT", path, None) for path in paths[step:] + paths[:step]])
    await _post(worker, [{"message": "so do I", "parent_id": root} for root in roots])


async def _post(worker: Worker, messages: list[dict[str, object]]) -> list[int]:
    """The ids of the messages."""
    bodies = [json.dumps(message | {"room_id": GENERAL}).encode() for message in messages]
    answers = await _spread(worker, [("POST", "/api/v1/chats/", body) for body in bodies])
    return [answer.json()["id"] for answer in answers]


async def _spread(worker: Worker, requests: list[tuple[str, str, bytes | None]]) -> list[Answer]:
    """What each of these is answered with. The clients take turns, and each sends one at a time."""
    answers: dict[int, Answer] = {}

    async def send(client: int) -> None:
        for number in range(client, len(requests), len(worker.connections)):
            answers[number] = await worker.connections[client].request(*requests[number])
            if not answers[number].is_success:
                raise RuntimeError(f"{requests[number][:2]} was answered with {answers[number]}")

    await asyncio.gather(*(send(client) for client in range(len(worker.connections))))
    return [answers[number] for number in range(len(requests))]


def _text(number: int, accounts: list[Account]) -> str:
    """As long with mentions as without."""
    one, other = (accounts[(number + step) % len(accounts)].name for step in (3, 4))
    return f"#{one} and #{other}, look at order {number:05}: it is late"
