"""Django's WSGI handler. `asgi.py` calls it from a bounded pool of threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")
application = get_wsgi_application()
