"""Combinations of settings that must not go live."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured


@register(Tags.security)
def secret_key_is_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        given = bool(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django hands out no empty key
        given = False
    if given:
        return []
    return [
        Error(
            "SECRET_KEY is not set.",
            hint="Set SECRET_KEY (or SECRET_KEY_FILE) to 50 random characters, or DEBUG=1 on your own machine.",
            id="zhike.E001",
        )
    ]


@register(Tags.security, deploy=True)
def hosts_are_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Warning(
            "ALLOWED_HOSTS accepts every host name.",
            hint="Name the hosts that customers use, separated by commas.",
            id="zhike.W001",
        )
    ]


@register
def sqlite_waits_for_the_lock(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    database = settings.DATABASES["default"]
    options = database.get("OPTIONS", {})
    if "sqlite" not in database["ENGINE"] or options.get("transaction_mode") == "IMMEDIATE":
        return []
    return [
        Error(
            "SQLite without transaction_mode IMMEDIATE refuses concurrent writers.",
            hint="Give the database by DATABASE_URL; it sets WAL and IMMEDIATE.",
            id="zhike.E002",
        )
    ]


@register
def models_are_named_rightly(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Reads the settings only: loads no model and asks no server."""
    from nlu.encode.specs import BadSpec, Role, read_serving_spec  # brings numpy, which most commands do without

    found: list[CheckMessage] = []
    for role, number in ((Role.ENCODER, 3), (Role.RERANKER, 4)):
        try:
            read_serving_spec(getattr(settings, role.upper()), role)
        except BadSpec as error:
            hint = f"Leave {role.upper()} empty for the shipped {role}, or see .env.example for what it may say."
            found.append(Error(f"{role.upper()}: {error}.", hint=hint, id=f"zhike.E{number:03}"))
    return found
