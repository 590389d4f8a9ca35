"""The settings of the peer's project."""

SECRET_KEY = "only-for-a-measurement"  # noqa: S105 - nothing is signed
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "eventstream_project"
INSTALLED_APPS = ["django_eventstream"]
MIDDLEWARE: list[str] = []
