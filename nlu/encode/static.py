"""A static encoder: every character n-gram and word has a vector, a text is the sum of its own. numpy alone.

The n-grams are hashed into a table of 2^k rows (Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification"), kept
as int8 with one scale a row. A text takes microseconds; the model knows words and spellings, no word order. It stands in
where the shipped encoder cannot be loaded.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from nlu.encode import checks
from nlu.encode.folder import MODELS, BadFolder, open_folder
from nlu.encode.ports import Matrix
from nlu.normalize import HAN, normalise

LONGEST = 512
"""Characters; the rest of a text is not read."""

_RUNS = re.compile(f"[{HAN}]+|[a-z\u00c0-\u024f]+|[0-9]+|[^\\s]")
_HAN_RUN = re.compile(f"[{HAN}]")


def features(text: str) -> Iterator[str]:
    """The n-grams of a text: of Han characters 1 to 3, of other words the word, its trigrams, and pairs of neighbours.

    Every text has at least one. The form of the text that is read is the one for matching (:func:`normalise`).
    """
    runs = _RUNS.findall(normalise(checks.readable(text[:LONGEST])).text)
    words = []
    for run in runs:
        if _HAN_RUN.match(run):
            yield from (run[at : at + size] for size in (1, 2, 3) for at in range(len(run) - size + 1))
        else:
            words.append(run)
            yield f"={run}"
            edged = f"<{run}>"
            yield from (edged[at : at + 3] for at in range(len(edged) - 2) if len(run) > 1)
    yield from (f"{left}_{right}" for left, right in pairwise(words))
    if not runs:
        yield ""


def rows_of(text: str, size: int) -> list[int]:
    """Rows of a table of ``size`` that a text sums up, one for each of its features."""
    return [crc32(feature.encode()) % size for feature in features(text)]


class StaticEncoder:
    """An :class:`nlu.encode.ports.Encoder`."""

    def __init__(self, table: npt.NDArray[np.int8], scales: npt.NDArray[np.float32], fingerprint: str) -> None:
        """``table`` (2^k, dims) times ``scales`` (2^k, 1) are the rows."""
        self._table = table
        self._scales = scales
        self._fingerprint = fingerprint

    @classmethod
    def load(cls, folder: Path) -> StaticEncoder:
        """
        Raises:
            BadFolder: missing, damaged, or not a static encoder.
        """
        config = open_folder(folder, "static")
        try:
            with np.load(folder / "table.npz", allow_pickle=False) as saved:
                table, scales = saved["table"], saved["scales"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise BadFolder(f"{folder}/table.npz cannot be read: {error}") from error
        if table.dtype != np.int8 or table.ndim != 2 or scales.shape != (len(table), 1):
            raise BadFolder(f"{folder}/table.npz is not a table of int8 rows with a scale each")
        return cls(table, scales.astype(np.float32), config.fingerprint)

    @classmethod
    def shipped(cls) -> StaticEncoder:
        return cls.load(MODELS / "static")

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dims(self) -> int:
        return int(self._table.shape[1])

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        sums = np.empty((len(texts), self.dims), dtype=np.float32)
        for place, text in enumerate(texts):
            rows = rows_of(text, len(self._table))
            sums[place] = (self._table[rows] * self._scales[rows]).sum(axis=0)
        return checks.unit_rows(sums, len(texts), self.dims)
