"""ChatServer."""

# The release that is being made; pyproject.toml and the OpenAPI schema have it from here.
__version__ = "1.1.0"
