"""Three people with an order each, and an agent who answers them."""

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from shop.models import Order

PEOPLE = [("anna", "Anna Berg", "Bicycle"), ("ben", "Ben Okoro", "Lamp"), ("chris", "Chris Sato", "Table")]
AGENT = ("sam", "Sam of the shop")
PASSWORD = "demo"


class Command(BaseCommand):
    def handle(self, *_: object, **__: object) -> None:
        for username, name, title in PEOPLE:
            customer = self._person(username, name)
            Order.objects.get_or_create(customer=customer, title=title)
        agent = self._person(*AGENT)
        agent.is_staff = True
        agent.save()

    def _person(self, username: str, name: str) -> User:
        first, _, last = name.partition(" ")
        person, is_new = User.objects.get_or_create(username=username, first_name=first, last_name=last)
        if is_new:
            person.set_password(PASSWORD)
            person.save()
        return person
