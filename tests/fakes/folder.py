"""A folder that ENCODER may name: an n-gram table of random rows, which knows shared characters and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from nlu.encode.folder import fingerprint_of

ROWS, DIMS = 4_096, 64


def static_folder(folder: Path, seed: int = 0) -> str:
    """Writes the folder; its path is the spec."""
    folder.mkdir()
    table = np.random.default_rng(seed).integers(-127, 128, (ROWS, DIMS), dtype=np.int8)
    np.savez(folder / "table.npz", table=table, scales=np.full((ROWS, 1), 0.01, dtype=np.float32))
    config = {"name": f"random-{seed}", "kind": "static", "dims": DIMS, "fingerprint": fingerprint_of(folder, "static")}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return str(folder)
