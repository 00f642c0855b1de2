from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.flows.models import Action, ActionServer, NluExample
from tests.people import World

pytestmark = pytest.mark.django_db

ACTION = {"name": "order.find", "effect": "read", "inputs": {"type": "object"}, "output": {"type": "object"}}


def written(path: Path, data: object) -> str:
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return str(path)


class TestConnect:
    def connect(self, world: World, path: str, *options: str, url: str = "https://crm.example.com/actions") -> None:
        call_command("connect_actions", world.bot.slug, "crm", url, path, *options)

    def test_a_system_is_connected_and_its_secret_told_once(
        self, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = written(tmp_path / "actions.json", [ACTION])
        self.connect(world, path)
        server = ActionServer.objects.get(bot=world.bot)
        assert server.secret in capsys.readouterr().out
        self.connect(world, path)
        assert "whsec_" not in capsys.readouterr().out
        self.connect(world, path, "--rotate")
        assert "whsec_" in capsys.readouterr().out
        assert Action.objects.get(bot=world.bot).server == server

    @pytest.mark.parametrize(
        "url", ["http://crm.example.com/", "https://127.0.0.1/", "https://user:pw@crm.example.com/"]
    )
    def test_an_address_that_may_not_be_called_changes_nothing(self, world: World, tmp_path: Path, url: str) -> None:
        with pytest.raises(CommandError):
            self.connect(world, written(tmp_path / "actions.json", [ACTION]), url=url)
        assert not ActionServer.objects.exists()

    @pytest.mark.parametrize("content", ["no json", "{}"])
    def test_a_file_that_holds_no_actions(self, world: World, tmp_path: Path, content: str) -> None:
        (tmp_path / "a.json").write_text(content)
        with pytest.raises(CommandError, match=r"a\.json"):
            self.connect(world, str(tmp_path / "a.json"))


class TestImportNlu:
    def test_examples_are_imported_and_changed(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "nlu.jsonl"
        path.write_text('{"text": "我要退货", "intent": "return", "slots": []}\n', "utf-8")
        call_command("import_nlu", world.bot.slug, path)
        path.write_text('{"text": "我要退货", "intent": "return_exchange", "slots": []}\n', "utf-8")
        call_command("import_nlu", world.bot.slug, path)
        assert NluExample.objects.get().intent == "return_exchange"

    def test_a_bad_row_is_named_and_nothing_imported(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "nlu.jsonl"
        path.write_text('{"text": "我要退货", "intent": "return"}\n{"text": "", "intent": "x"}\n', "utf-8")
        with pytest.raises(CommandError, match="Row 2"):
            call_command("import_nlu", world.bot.slug, path)
        assert not NluExample.objects.exists()
        call_command("import_nlu", world.bot.slug, path, "--skip-bad")
        assert NluExample.objects.count() == 1
