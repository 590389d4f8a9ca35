"""Why an exchange with another server had no answer. No text of these quotes what that server sent."""


class OutboundError(Exception):
    """There was no whole answer."""

    kind = "no answer"


class OutboundRefused(OutboundError):
    """Nothing was sent: the URL may not be connected to."""

    kind = "refused"


class OutboundLate(OutboundError):
    """Nothing was sent: the connection took longer than the content is good for. It is there now, for the next time."""

    kind = "no connection in time"


class OutboundUnreachable(OutboundError):
    """There was no connection."""

    kind = "no connection"


class OutboundTimeout(OutboundError):
    """The exchange did not end in time."""

    kind = "timeout"
