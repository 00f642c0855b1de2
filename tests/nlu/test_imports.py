"""Importing the layer is cheap: dictionaries and engines load when they are first needed."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("jieba", "opencc", "tantivy", "ahocorasick", "re2", "torch", "django")
CODE = f"""
import sys
import nlu, nlu.normalize, nlu.matching, nlu.segment, nlu.view, nlu.compare, nlu.calibrate, nlu.metrics
import dialog.kb.bot, dialog.kb.index, dialog.kb.recall
print(",".join(name for name in {HEAVY} if name in sys.modules))
"""


def test_no_heavy_package_is_loaded_by_importing() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_no_cache_of_the_dictionary_is_written_to_the_shared_temporary_folder() -> None:
    code = (
        "from nlu.segment import cut; import jieba, sys; sys.exit(0 if cut('退货') and not jieba.dt.initialized else 1)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
