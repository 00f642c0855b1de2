"""Conditions and inputs of flows: a small language over names, read once and evaluated without ``eval``.

    ``kind == "exchange" and not (fee > 0)`` · ``value.start < now + days(7)`` · ``status in ["paid", "shipped"]``

Names and dotted paths, numbers, strings, ``true false null``, comparisons with ``in``, ``and or not``, ``+ -``, lists after
``in``, ``now``, ``days(n) hours(n) minutes(n)``; everything else is refused. A name that is not set is null. A comparison
between things that have no order is false, and so is one with null other than ``==`` and ``!=``; never an error.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialog.task.evaluation import DURATIONS, evaluated

MAX_LENGTH = 300
MAX_DEPTH = 20
CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
RESERVED = frozenset({*CONSTANTS, *DURATIONS, "True", "False", "None", "and", "or", "not", "in", "now"})
"""Words of the language; nothing else may be called by them."""

_WORDS = re.compile(r"""("[^"]*"|'[^']*')|(?<![\w.])([a-z]+)\b|(?<=\.)([a-z]+)\b""")
_FOREIGN = frozenset(keyword.kwlist) - RESERVED
_SHIFT = 0x10A0 - ord("a")
"""``from`` is a fine name for a slot and a keyword of Python. It is parsed with its first letter out of the way: as a
Georgian capital, which no name of ours may hold."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_COMPARE = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)


class ExpressionError(ValueError):
    """Why an expression cannot be used, as a whole sentence. ``column`` counts its characters from 1."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class Expression:
    """``names`` are the root names that it reads (``order`` of ``order.name``), ``paths`` the dotted ones in full.

    ``tested`` are the root names that it compares with null, and so may be unset. ``now`` is in none of them. Equal
    sources are equal expressions.
    """

    source: str
    names: frozenset[str] = field(compare=False)
    paths: frozenset[str] = field(compare=False)
    tested: frozenset[str] = field(compare=False)
    _tree: ast.expr = field(compare=False, repr=False)

    def evaluate(self, scope: Mapping[str, object]) -> object:
        """The value over ``scope``, which holds ``now`` too. A path alone gives what stands in the scope, label and all."""
        return evaluated(self._tree, scope)


def parse(source: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: it is too long or too deep, or holds something else than the language above.
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"An expression may have {MAX_LENGTH} characters; this one has {len(source)}.")
    for sign in ("\\", "\n", "\r", "\0", "#"):
        if sign in source:
            raise ExpressionError(f"An expression cannot hold {sign!r}.", source.index(sign) + 1)
    checker = _Checker(source)
    tree = checker.checked(checker.parsed(), 1)
    return Expression(source, _roots(checker.paths), frozenset(checker.paths), _roots(checker.tested), tree)


def _roots(paths: set[str]) -> frozenset[str]:
    return frozenset(path.partition(".")[0] for path in paths)


class _Checker:
    """Turns Python's tree into the few nodes that evaluation knows, or says what is too much.

    A dotted path becomes one ``Name`` whose ``id`` is the path.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.paths: set[str] = set()
        self.tested: set[str] = set()
        self._indent = len(source) - len(source.lstrip())
        self._moved = _WORDS.sub(_out_of_the_way, source.strip())

    def parsed(self) -> ast.expr:
        if not self._moved:
            raise ExpressionError("The expression is empty.")
        if odd := re.search(r"(?<![\w.])\d[\d.]*[A-Za-z_]", _without_strings(self._moved)):
            raise ExpressionError("A number is followed by letters.", odd.start() + self._indent + 1)
        try:
            return ast.parse(self._moved, mode="eval").body
        except SyntaxError as error:
            if not error.offset:
                raise ExpressionError("The expression is not finished.", len(self.source)) from None
            column = min(error.offset + self._indent, len(self.source))
            raise ExpressionError(f"The expression cannot be read from its character {column} on.", column) from None
        except (ValueError, RecursionError, MemoryError):
            raise ExpressionError("The expression cannot be read.") from None

    def refuse(self, node: ast.expr, message: str) -> ExpressionError:
        before = self._moved.encode()[: node.col_offset].decode(errors="ignore")
        return ExpressionError(message, len(before) + self._indent + 1)

    def checked(self, node: ast.expr, depth: int) -> ast.expr:
        if depth > MAX_DEPTH:
            raise self.refuse(node, f"The expression is nested more than {MAX_DEPTH} deep.")
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name() | ast.Attribute():
                return self.path(node)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self.comparison(node, left, ops, others, depth)
            case ast.BoolOp(op=op, values=values):
                return ast.BoolOp(op, [self.checked(value, depth + 1) for value in values])
            case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd() as unary, operand=operand):
                return ast.UnaryOp(unary, self.checked(operand, depth + 1))
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
                return ast.BinOp(self.checked(left, depth + 1), sign, self.checked(right, depth + 1))
            case ast.Call():
                return self.duration(node, depth)
        raise self.refuse(node, f"{_WHAT.get(type(node), 'This')} is not allowed in an expression.")

    def constant(self, node: ast.Constant) -> ast.expr:
        value = node.value
        if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
            return node
        raise self.refuse(node, "This kind of constant is not allowed in an expression.")

    def path(self, node: ast.expr) -> ast.expr:
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.insert(0, self.name(inner, inner.attr))
            inner = inner.value
        if not isinstance(inner, ast.Name):
            raise self.refuse(node, "Only a name can be followed by a dot.")
        root = self.name(inner, inner.id)
        if root in CONSTANTS and not parts:
            return ast.Constant(CONSTANTS[root])
        if root in RESERVED and (parts or root != "now"):
            raise self.refuse(node, f"“{root}” cannot be used like this.")
        path = ".".join((root, *parts))
        if path != "now":
            self.paths.add(path)
        return ast.Name(path)

    def name(self, node: ast.expr, text: str) -> str:
        written = chr(ord(text[0]) - _SHIFT) + text[1:] if 0 <= ord(text[0]) - 0x10A0 < 26 else text
        if not _NAME.fullmatch(written):
            raise self.refuse(node, f"“{written}” is no name; names have letters from a to z, digits and underscores.")
        return written

    def comparison(
        self, node: ast.Compare, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr], depth: int
    ) -> ast.expr:
        right: list[ast.expr] = []
        for op, other in zip(ops, others, strict=True):
            if not isinstance(op, _COMPARE):
                raise self.refuse(node, "This comparison is not allowed in an expression.")
            if isinstance(op, ast.In | ast.NotIn) and isinstance(other, ast.List | ast.Tuple):
                right.append(ast.List([self.checked(one, depth + 2) for one in other.elts]))
            else:
                right.append(self.checked(other, depth + 1))
        sides = [self.checked(left, depth + 1), *right]
        if isinstance(ops[0], ast.Eq | ast.NotEq) and any(
            isinstance(s, ast.Constant) and s.value is None for s in sides
        ):
            self.tested |= {side.id for side in sides if isinstance(side, ast.Name)}
        return ast.Compare(sides[0], ops, sides[1:])

    def duration(self, node: ast.Call, depth: int) -> ast.expr:
        called = node.func
        if not isinstance(called, ast.Name) or called.id not in DURATIONS:
            raise self.refuse(node, f"Only {', '.join(f'{name}()' for name in DURATIONS)} can be called.")
        if len(node.args) != 1 or node.keywords:
            raise self.refuse(node, f"{called.id}() takes one number.")
        return ast.Call(called, [self.checked(node.args[0], depth + 1)], [])


_WHAT: Mapping[type[ast.expr], str] = {
    ast.BinOp: "This arithmetic",
    ast.Subscript: "A […] after a name",
    ast.List: "A list that does not follow “in”",
    ast.Tuple: "A list that does not follow “in”",
    ast.JoinedStr: "A formatted string",
}


def _out_of_the_way(match: re.Match[str]) -> str:
    text = match[0]
    return chr(ord(text[0]) + _SHIFT) + text[1:] if (match[2] or match[3]) in _FOREIGN else text


def _without_strings(text: str) -> str:
    """The same length, with nothing in quotes."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", lambda match: " " * len(match[0]), text)
