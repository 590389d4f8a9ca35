"""The OpenAPI schema over HTTP. It is made and written once in a process: each time would take half a second."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView


class OnceGenerator(SchemaGenerator):
    def get_schema(self, *_: Any, **__: Any) -> Any:
        return schema()


@cache
def schema() -> Any:
    return SchemaGenerator().get_schema(public=True)


@cache
def written(renderer: Any) -> bytes:
    text = renderer().render(schema(), renderer_context={})
    return text if isinstance(text, bytes) else text.encode()


def once(renderer: Any) -> Any:
    """The same renderer, which writes the schema once."""
    return type(renderer.__name__, (renderer,), {"render": lambda *_, **__: written(renderer)})


class SchemaView(SpectacularAPIView):
    generator_class = OnceGenerator
    renderer_classes = [
        once(renderer)
        for renderer in (OpenApiYamlRenderer, OpenApiYamlRenderer2, OpenApiJsonRenderer, OpenApiJsonRenderer2)
    ]
