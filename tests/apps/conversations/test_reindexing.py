"""``reindex``: everything encoded and stored, what no encoder serves any more forgotten, a failure changing nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from apps.bots.models import Bot, ModelVersion
from apps.conversations.shelf import shelf
from apps.knowledge.models import TextVector
from apps.knowledge.vectors import DatabaseVectors
from tests.conftest import ENTRIES
from tests.fakes.encoder import NgramEncoder
from tests.fakes.folder import static_folder
from tests.people import World

TEXTS = {text for e in ENTRIES for text in (e.question, *e.similar, *e.negative, e.answer)}


def reindex(slug: str = "shop") -> dict[str, Any]:
    out = io.StringIO()
    call_command("reindex", slug, "--json", stdout=out, stderr=io.StringIO())
    done: dict[str, Any] = json.loads(out.getvalue())
    return done


def stored() -> dict[str, int]:
    names = list(TextVector.objects.values_list("fingerprint", flat=True))
    return {name: names.count(name) for name in names}


def keep_old(name: str) -> None:
    DatabaseVectors().save(name, {"退货": NgramEncoder().encode(["退货"])[0].astype("float16")})


def test_every_text_has_its_vector_afterwards(shop: World, tmp_path: Path) -> None:
    with override_settings(ENCODER=static_folder(tmp_path / "a")):
        done = reindex()
        assert (done["version"], done["entries"], done["texts"]) == (1, 5, 13)
        assert stored() == {done["encoder"]: len(TEXTS)}
    assert Bot.objects.get(pk=shop.bot.pk).revision == shop.bot.revision + 1


def test_vectors_of_encoders_that_serve_nobody_are_forgotten(shop: World, tmp_path: Path) -> None:
    ModelVersion.objects.create(kind="encoder", name="promoted", fingerprint="promoted", slot="encoder:some")
    for name in ("gone", "promoted"):
        keep_old(name)
    with override_settings(ENCODER=static_folder(tmp_path / "a")):
        done = reindex()
    assert done["forgotten"] == 1
    assert stored() == {done["encoder"]: len(TEXTS), "promoted": 1}


def test_another_encoder_takes_over(shop: World, tmp_path: Path) -> None:
    with override_settings(ENCODER=static_folder(tmp_path / "a")):
        first = reindex()
    shelf.cache_clear()
    with override_settings(ENCODER=static_folder(tmp_path / "b", seed=1)):
        second = reindex()
    assert first["encoder"] != second["encoder"]
    assert stored() == {second["encoder"]: len(TEXTS)}


def test_without_an_encoder_no_vector_is_touched(shop: World) -> None:
    keep_old("before")
    done = reindex()
    assert (done["encoder"], done["forgotten"], stored()) == ("", 0, {"before": 1})


def test_an_encoder_that_cannot_be_had_stops_it_and_changes_nothing(shop: World, tmp_path: Path) -> None:
    keep_old("before")
    with override_settings(ENCODER=str(tmp_path / "nowhere")), pytest.raises(CommandError, match="encoder"):
        reindex()
    assert stored() == {"before": 1}
    assert Bot.objects.get(pk=shop.bot.pk).revision == shop.bot.revision
