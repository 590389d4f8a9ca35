"""The settings of a service with a planted fault: the app that `PLANT` names breaks it from outside."""

import os

from chatserver.settings import *  # noqa: F403 - all of them
from chatserver.settings import INSTALLED_APPS as ALL_APPS

INSTALLED_APPS = [*ALL_APPS, f"benchmarks.torture.tests.plants.apps.{os.environ['PLANT']}"]
