"""`manage.py inference` as a process: says when it is ready, serves, swaps on SIGHUP, ends on SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from nlu.encode.caller import Caller
from nlu.encode.onnx import OnnxEncoder, OnnxReranker
from nlu.encode.remote import ModelChanged, TeiEncoder, TeiReranker
from tests.architecture.source import ROOT
from tests.nlu.encode import models

PATIENCE = 120
"""Seconds; a test that hangs is worse than one that fails."""


@contextmanager
def inference(*arguments: str, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address, once it says that it is ready."""
    command = [sys.executable, "manage.py", "inference", "--port", "0", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    alarm = threading.Timer(PATIENCE, process.kill)
    alarm.start()
    try:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if found := re.search(r"http://\S+", line):
                yield process, found.group()
                return
        pytest.fail(f"it ended before it was ready: {''.join(printed)}")
    finally:
        alarm.cancel()
        process.kill()
        process.wait()


def test_a_process_serves_what_its_folders_hold_and_takes_new_ones(tmp_path: Path) -> None:
    folder, cross = models.write_encoder(tmp_path / "encoder"), models.write_reranker(tmp_path / "reranker")
    environment = {
        "VAR_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "apps.config.settings",
        "DEBUG": "1",
        "INFERENCE_API_KEY": "k",
    }
    texts = ["怎么退货", "return", "发票多久能到"] * 20
    with inference("--encoder", str(folder), "--reranker", str(cross), environment=environment) as (process, address):
        encoder, reranker = (kind(Caller(address, api_key="k")) for kind in (TeiEncoder, TeiReranker))
        here = OnnxEncoder.load(folder)
        assert encoder.fingerprint == here.fingerprint
        np.testing.assert_allclose(encoder.encode(texts), here.encode(texts), atol=1e-5)
        expected = OnnxReranker.load(cross).score("退货", texts)
        np.testing.assert_allclose(reranker.score("退货", texts), expected, atol=1e-5)
        assert httpx.post(f"{address}/embed", json={"inputs": "x"}).status_code == 401

        models.write_encoder(folder, seed=2)
        process.send_signal(signal.SIGHUP)
        fresh = OnnxEncoder.load(folder)
        while httpx.get(f"{address}/info", headers={"authorization": "Bearer k"}).json()["fingerprint"] != (
            fresh.fingerprint
        ):
            threading.Event().wait(0.05)
        with pytest.raises(ModelChanged):
            encoder.encode(texts)
        np.testing.assert_allclose(
            TeiEncoder(Caller(address, api_key="k")).encode(texts), fresh.encode(texts), atol=1e-5
        )

        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--encoder", "off", "--reranker", "off"], "nothing to serve"),
        (["--encoder", "/no/such/folder", "--reranker", "off"], "there is no folder"),
        (["--encoder", "http://127.0.0.1:9", "--reranker", "off"], "serves models of its own"),
    ],
)
def test_what_cannot_be_served_ends_with_a_sentence(arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("inference", *arguments, stdout=StringIO())
