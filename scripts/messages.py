"""Compiles the translations (locale/*/LC_MESSAGES/django.po → .mo); --check fails where a .mo is not its .po.

The compiled files lie in the repository, so that a clone runs without gettext.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compiled(po: Path) -> bytes:
    catalog = read_po(io.BytesIO(po.read_bytes()))
    buffer = io.BytesIO()
    write_mo(buffer, catalog, use_fuzzy=False)
    return buffer.getvalue()


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = []
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        mo, data = po.with_suffix(".mo"), compiled(po)
        if not mo.exists() or mo.read_bytes() != data:
            stale.append(po.relative_to(LOCALE.parent))
            if not check:
                mo.write_bytes(data)
    for path in stale:
        sys.stdout.write(f"{'not compiled' if check else 'compiled'}: {path}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
