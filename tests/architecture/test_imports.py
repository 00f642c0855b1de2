"""What starts fast stays fast: heavy libraries are imported where they are used, not where they are mentioned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

HEAVY = ("jieba", "tantivy", "torch", "transformers", "opencc", "numpy", "ahocorasick", "re2", "rapidfuzz")
HEAVY_FOR_COMMANDS = ("jieba", "tantivy", "torch", "transformers", "opencc")


def loaded_after(code: str, tmp_path: Path) -> tuple[set[str], float]:
    """Top-level modules that ``code`` loads in a fresh process, and the seconds it takes."""
    script = (
        "import sys, time, json\nbegan = time.perf_counter()\n"
        f"{code}\n"
        "print('\\n' + json.dumps([sorted({m.partition('.')[0] for m in sys.modules}), time.perf_counter() - began]))"
    )
    environment = {
        **os.environ,
        "VAR_DIR": str(tmp_path),
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "apps.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    modules, seconds = json.loads(done.stdout.splitlines()[-1])
    return set(modules), seconds


@pytest.mark.parametrize("package", ["nlu", "dialog", "nlu.types", "dialog.types", "dialog.ports", "nlu.normalize"])
def test_importing_a_pure_package_is_cheap(package: str, tmp_path: Path) -> None:
    runs = [loaded_after(f"import {package}", tmp_path) for _ in range(3)]
    assert not runs[0][0].intersection(HEAVY)
    assert min(seconds for _, seconds in runs) < 0.3


def test_the_rules_and_the_guard_load_what_they_need_when_they_need_it(tmp_path: Path) -> None:
    modules, _ = loaded_after("import dialog.rules, dialog.guard, dialog.exact, dialog.arbiter", tmp_path)
    assert not modules.intersection(HEAVY)


def test_a_command_that_answers_nobody_loads_no_engine_library(tmp_path: Path) -> None:
    check = "import django; django.setup()\nfrom django.core.management import call_command; call_command('check')"
    modules, _ = loaded_after(check, tmp_path)
    assert "django" in modules
    assert not modules.intersection(HEAVY_FOR_COMMANDS)


def test_what_serves_customers_never_loads_pytorch(tmp_path: Path) -> None:
    """Everything that the web process opens, a turn's worth of it used."""
    use = (
        "import apps.config.asgi\n"
        "from nlu.encode.open import open_encoder, open_reranker, warm_up\n"
        "import nlu.encode.batched, nlu.encode.cache\n"
        f"from pathlib import Path; from tests.nlu.encode.models import write_encoder, write_reranker\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "warm_up(open_encoder(str(write_encoder(folder / 'e'))), open_reranker(str(write_reranker(folder / 'r'))))\n"
        "open_encoder('http://127.0.0.1:9'), open_encoder('openai+http://127.0.0.1:9/v1#m')"
    )
    modules, _ = loaded_after(use, tmp_path)
    assert {"onnxruntime", "tokenizers", "httpx"} <= modules
    assert not modules.intersection({"torch", "transformers", "sentence_transformers"})
