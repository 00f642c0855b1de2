"""What is written down is what is there: settings, migrations, translations, the contract's endpoints."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.architecture.source import ROOT, trees

ENV_READERS = {"text", "flag", "integer", "words", "database"}
ENVIRONMENT_USERS = {"apps/core/env.py", "apps/config/asgi.py", "apps/learning/load/server.py"}
"""The helpers, the setting's name that Django itself wants, and a measurement that starts a server of its own."""
OUTSIDE_SETTINGS: set[str] = {"PORT"}
"""Read by the Makefile, not by the settings."""


def names_read() -> set[str]:
    """Names that ``env.*`` reads anywhere in the product."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ENV_READERS:
                named = isinstance(node.func.value, ast.Name) and node.func.value.id == "env"
                if named and node.args and isinstance(node.args[0], ast.Constant):
                    found.add(str(node.args[0].value))
    return found


def names_listed() -> set[str]:
    text = (ROOT / ".env.example").read_text("utf-8")
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


class TestSettings:
    def test_every_setting_stands_in_the_example_and_nothing_else(self) -> None:
        assert names_listed() - OUTSIDE_SETTINGS == names_read()

    def test_nothing_reads_the_environment_past_the_helpers(self) -> None:
        direct = [
            name for name, tree in trees().items() if "os.environ" in ast.unparse(tree) or "getenv" in ast.unparse(tree)
        ]
        assert set(direct) <= ENVIRONMENT_USERS

    def test_each_setting_in_the_example_is_explained_or_plain(self) -> None:
        lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
        assert all(line.startswith("#") or not line for line in lines)


class TestMigrations:
    @pytest.mark.django_db
    def test_none_is_missing(self) -> None:
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)

    def test_each_has_a_name_that_says_something(self) -> None:
        files = [path for path in (ROOT / "apps").rglob("migrations/*.py") if path.name != "__init__.py"]
        assert files
        assert [path.name for path in files if "_auto_" in path.name or not re.match(r"\d{4}_[a-z]", path.name)] == []


def test_translations_are_compiled() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/messages.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".env.example", "CHANGELOG.md"])
def test_documents_speak_of_the_product_alone(name: str) -> None:
    path = ROOT / name
    if path.exists():
        text = path.read_text("utf-8")
        assert not re.search(r"/work/|/root/|\.\./shared|issue \d", text)


def test_commands_in_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"manage\.py ([a-z_]+)", text)) - {"check", "migrate"}
    there = {path.stem for path in (ROOT / "apps").rglob("management/commands/*.py")}
    assert named
    assert named <= there


def test_make_targets_in_the_readme_exist() -> None:
    named = set(re.findall(r"^make ([a-z]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert named
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)


def test_files_that_the_readme_links_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert [link for link in links if not (ROOT / Path(link)).exists()] == []
