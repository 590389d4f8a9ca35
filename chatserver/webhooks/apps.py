from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "chatserver.webhooks"
    label = "webhooks"
