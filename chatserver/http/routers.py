"""DRF's router for our paths: with and without a trailing slash, and PUT and DELETE on a collection's own path."""

from rest_framework.routers import Route, SimpleRouter


class ChatRouter(SimpleRouter):
    """`put_own`, `patch_own` and `delete_own` are for a path of which each caller has one thing."""

    routes = [
        Route(
            url=r"^{prefix}{trailing_slash}$",
            mapping={"get": "list", "post": "create", "put": "put_own", "patch": "patch_own", "delete": "delete_own"},
            name="{basename}-list",
            detail=False,
            initkwargs={"suffix": "List"},
        ),
        *SimpleRouter.routes[1:],
    ]

    def __init__(self) -> None:
        super().__init__(trailing_slash=True)
        self.trailing_slash = "/?"
