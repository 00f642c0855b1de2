"""The import contracts of pyproject.toml hold, and would be missed if they were broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = {"PYTHONPATH": str(folder), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("product")
    for room in ("apps", "dialog", "nlu"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_contracts_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "planted", "contract"),
    [
        ("nlu/types.py", "import dialog.types", "apps over dialog over nlu"),
        ("dialog/types.py", "import apps.core.errors", "apps over dialog over nlu"),
        ("apps/bots/services.py", "import apps.knowledge.models", "apps in order"),
        ("dialog/rules.py", "import django.conf", "pure packages know no framework"),
        ("dialog/rules.py", "import jieba", "only nlu touches model libraries"),
        ("apps/learning/services.py", "from dialog.engine import Engine", "one place builds the engine"),
    ],
)
def test_a_planted_violation_is_found(copy: Path, file: str, planted: str, contract: str) -> None:
    path = copy / file
    before = path.read_text("utf-8")
    path.write_text(f"{before}\n\n{planted}\n", "utf-8")
    try:
        done = lint(copy)
    finally:
        path.write_text(before, "utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout
