"""Settings that must not go live are named by `manage.py check`, with a way out."""

from __future__ import annotations

import warnings
from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.test import override_settings


def ours(**changes: Any) -> list[CheckMessage]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of an overridden DATABASES; nothing is connected here
        with override_settings(**changes):
            return [m for m in run_checks(include_deployment_checks=True) if str(m.id).startswith("zhike.")]


def databases(**changes: Any) -> dict[str, Any]:
    changed = deepcopy(dict(settings.DATABASES))
    changed["default"].update(changes)
    return changed


def test_the_settings_at_hand_are_fine() -> None:
    assert ours() == []


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("zhike.E001", {"SECRET_KEY": ""}),
        ("zhike.W001", {"ALLOWED_HOSTS": ["shop.example", "*"]}),
        ("zhike.E002", {"DATABASES": databases(ENGINE="django.db.backends.sqlite3", OPTIONS={})}),
        ("zhike.E003", {"ENCODER": "BAAI/bge-small-zh-v1.5"}),
        ("zhike.E003", {"ENCODER": "/no/such/folder"}),
        ("zhike.E004", {"RERANKER": "static"}),
        ("zhike.E004", {"RERANKER": "openai+http://127.0.0.1:8090/v1#model"}),
    ],
)
def test_each_check_speaks_with_a_hint(check: str, changes: dict[str, Any]) -> None:
    found = ours(**changes)
    assert [message.id for message in found] == [check]
    assert found[0].hint


def test_another_database_needs_no_sqlite_option() -> None:
    assert ours(DATABASES=databases(ENGINE="django.db.backends.postgresql", OPTIONS={})) == []
