"""Evaluates the checked trees of :mod:`dialog.task.expressions`. Total: whatever the scope holds, there is a value."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dialog.task.values import bare, lookup

DURATIONS: Mapping[str, timedelta] = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
}

_ORDERS: Mapping[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


def evaluated(node: ast.expr, scope: Mapping[str, object]) -> object:
    """``and`` and ``or`` give the operand that decides, as in Python; sums that have no meaning are None."""
    match node:
        case ast.Name(id=path):
            return lookup(scope, path)
        case ast.Constant(value=value):
            return value
        case ast.Compare():
            return _compared(node, scope)
        case ast.BoolOp(op=op, values=values):
            return _decided(values, isinstance(op, ast.Or), scope)
        case ast.UnaryOp(op=op, operand=operand):
            return _unary(op, bare(evaluated(operand, scope)))
        case ast.BinOp(left=left, op=op, right=right):
            return _sum(bare(evaluated(left, scope)), bare(evaluated(right, scope)), isinstance(op, ast.Add))
        case ast.Call(func=ast.Name(id=name), args=[size]):
            return _duration(DURATIONS[name], bare(evaluated(size, scope)))
        case ast.List(elts=elements):
            return [bare(evaluated(one, scope)) for one in elements]
    raise AssertionError("the checker lets no other node through")


def _compared(node: ast.Compare, scope: Mapping[str, object]) -> bool:
    left = bare(evaluated(node.left, scope))
    for op, other in zip(node.ops, node.comparators, strict=True):
        right = bare(evaluated(other, scope))
        if not _holds(op, left, right):
            return False
        left = right
    return True


def _holds(op: ast.cmpop, left: object, right: object) -> bool:
    if isinstance(op, ast.Eq | ast.NotEq):
        same = isinstance(left, bool) == isinstance(right, bool) and left == right
        return same == isinstance(op, ast.Eq)
    if right is None or (left is None and not isinstance(op, ast.In | ast.NotIn)):
        return False
    if left is None or isinstance(left, bool) or isinstance(right, bool):
        return isinstance(right, list | tuple) and bool(_ORDERS[type(op)](left, right))
    try:
        return bool(_ORDERS[type(op)](left, right))
    except TypeError:
        return False


def _decided(values: list[ast.expr], stop: bool, scope: Mapping[str, object]) -> object:
    found: object = None
    for value in values:
        found = evaluated(value, scope)
        if bool(bare(found)) is stop:
            return found
    return found


def _unary(op: ast.unaryop, value: object) -> object:
    if isinstance(op, ast.Not):
        return not value
    if isinstance(value, bool) or not isinstance(value, int | float | timedelta):
        return None
    return -value if isinstance(op, ast.USub) else value


def _sum(left: Any, right: Any, plus: bool) -> object:
    if any(
        isinstance(one, bool) or not isinstance(one, int | float | str | datetime | timedelta) for one in (left, right)
    ):
        return None
    try:
        return left + right if plus else left - right
    except (TypeError, OverflowError):
        return None


def _duration(unit: timedelta, size: object) -> timedelta | None:
    if isinstance(size, bool) or not isinstance(size, int | float):
        return None
    try:
        return unit * size
    except (OverflowError, ValueError):
        return None
