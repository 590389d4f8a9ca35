"""DRF's router for our paths: with and without a trailing slash, and PUT and DELETE on a collection's own path."""

from rest_framework.routers import Route, SimpleRouter


class ChatRouter(SimpleRouter):
    """`delete_own` and `put_own` answer DELETE and PUT on a collection of which each caller has one thing."""

    routes = [
        Route(
            url=r"^{prefix}{trailing_slash}$",
            mapping={"get": "list", "post": "create", "delete": "delete_own", "put": "put_own"},
            name="{basename}-list",
            detail=False,
            initkwargs={"suffix": "List"},
        ),
        *SimpleRouter.routes[1:],
    ]

    def __init__(self) -> None:
        super().__init__(trailing_slash=True)
        self.trailing_slash = "/?"
