"""The shop's products, from ``apps/demo/data/products.json``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import orjson

_FILE = Path(__file__).parent.parent / "data" / "products.json"


@dataclass(frozen=True, slots=True)
class Variant:
    code: str
    zh: str
    en: str

    def name(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Product:
    """``words`` are what customers call it, in both languages; ``price`` is in yuan."""

    code: str
    zh: str
    en: str
    words: tuple[str, ...]
    price: Decimal
    variants: tuple[Variant, ...]

    def name(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en

    def variant(self, code: str) -> Variant | None:
        return next((variant for variant in self.variants if variant.code == code), None)


@cache
def products() -> dict[str, Product]:
    """By code, in the file's order."""
    return {row["code"]: _product(row) for row in orjson.loads(_FILE.read_bytes())}


def _product(row: dict[str, object]) -> Product:
    variants = row["variants"]
    words = row["words"]
    assert isinstance(variants, list)
    assert isinstance(words, list)
    return Product(
        code=str(row["code"]),
        zh=str(row["zh"]),
        en=str(row["en"]),
        words=tuple(words),
        price=Decimal(str(row["price"])),
        variants=tuple(Variant(**variant) for variant in variants),
    )
