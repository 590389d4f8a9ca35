"""What all do who are told of events: ask any server, and log in again when their token was revoked."""

from typing import Any

from benchmarks.torture.context import Context
from benchmarks.torture.transcripts import RESET, Transcript
from benchmarks.torture.users import User, log_in_again


class Listener:
    """One user. `last` is the last id that they got."""

    def __init__(self, context: Context, name: str, user: User) -> None:
        self.name = name
        self.user = user
        self.last: int | None = None
        # Of the open stream.
        self.transcript: Transcript | None = None
        self.oracle = context.oracle
        self.counts = context.counts
        self.rng = context.rng_of(name)
        self._context = context

    async def run(self) -> None:
        while True:
            try:
                await self.listen()
            except OSError:
                self.counts["connections refused or broken"] += 1
            await self.pause()

    async def listen(self) -> None:
        """Ask once. OSError where there is no answer."""
        raise NotImplementedError

    async def pause(self) -> None:
        raise NotImplementedError

    def stay(self) -> None:
        """From here on never leave."""

    def any_port(self) -> int:
        """Of one of the servers."""
        return self.rng.choice(self._context.ports)

    def begin(self) -> tuple[int, Transcript]:
        """The port of a server, and a transcript of what it will say."""
        server, user = self.rng.randrange(len(self._context.ports)), self.user
        transcript = self.oracle.transcript(self.name, user.user_id, server, user.credential, self.last)
        return self._context.ports[server], transcript

    async def take_refusal(self, status: int, port: int, token: str, transcript: Transcript) -> None:
        """The answer was not 200."""
        self.counts[f"listeners answered {status}"] += 1
        if status == 401:
            await log_in_again(self.user, token, port, self._context.cluster.engines)
        elif status <= 500:  # above, the server is away for a while, and says so
            self.oracle.violations.add("I4", f"{transcript} was answered {status}")

    def add_reset(self, transcript: Transcript, reset: dict[str, Any]) -> None:
        self.counts[f"resets: {reset['reason']}"] += 1
        transcript.add(RESET, reset["position"], reason=reset["reason"])
