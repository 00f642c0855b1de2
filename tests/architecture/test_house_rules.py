"""How code here is written, measured: thin doors, explicit services, small units, frozen values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from statistics import median, quantiles

import pytest

from tests.architecture.source import Function, functions, length, sources, trees

DOOR = re.compile(r"(^|/)(api|consumers|pages|views_\w+)\.py$|/management/commands/\w+\.py$")
WRITES = frozenset({"save", "create", "delete", "bulk_create", "get_or_create", "update_or_create", "bulk_update"})
SERVICES = re.compile(r"(^|/)(services|publishing|opinions|desk|changes|bulk|proposals|greeting)\.py$")
"""Where rows are written for the doors: what is public there is called from other rooms."""
POSITIONAL_SERVICES = {
    "message_receive",  # one frozen value of the door is the whole input
    "turn_take",
    "turn_finish",
    "conversation_get",
    "turn_of_conversation",
    "open_conversations",
}
BLIND = re.compile(r"^\s*except( Exception| BaseException)?( as \w+)?:", re.MULTILINE)


def doors() -> list[str]:
    return [name for name in trees() if DOOR.search(name)]


def test_there_are_doors_to_watch() -> None:
    assert {"api.py", "consumers.py", "pages.py", "ask.py"} <= {PurePosixPath(name).name for name in doors()}


@pytest.mark.parametrize("name", doors())
class TestThinDoors:
    def test_no_function_is_longer_than_25_lines(self, name: str) -> None:
        assert [(f.name, length(f)) for f in functions(trees()[name]) if length(f) > 25] == []

    def test_it_leaves_the_database_to_services_and_selectors(self, name: str) -> None:
        touched = {
            node.attr
            for node in ast.walk(trees()[name])
            if isinstance(node, ast.Attribute) and (node.attr in WRITES or node.attr == "objects")
            if ast.unparse(node.value) != "router"  # @router.delete is a verb of HTTP
        }
        assert touched == set()


def public_services() -> Iterator[tuple[str, Function]]:
    for name, tree in trees().items():
        if SERVICES.search(name):
            yield from ((name, f) for f in tree.body if isinstance(f, ast.FunctionDef) and _is_public(f))


def _is_public(function: Function) -> bool:
    return not function.name.startswith("_")


def _writes(function: Function) -> bool:
    """Whether it runs in a transaction of its own."""
    return any("atomic" in ast.unparse(decorator) for decorator in function.decorator_list)


class TestServices:
    def test_what_writes_takes_keywords_only(self) -> None:
        loose = [
            f"{name}: {f.name}"
            for name, f in public_services()
            if _writes(f) and (f.args.args or f.args.posonlyargs) and f.name not in POSITIONAL_SERVICES
        ]
        assert loose == []

    def test_everything_public_is_annotated(self) -> None:
        bare = [
            f"{name}: {f.name}"
            for name, f in public_services()
            if f.returns is None or any(a.annotation is None for a in (*f.args.args, *f.args.kwonlyargs))
        ]
        assert bare == []

    def test_everything_that_writes_says_what_it_promises(self) -> None:
        silent = [f"{name}: {f.name}" for name, f in public_services() if _writes(f) and not ast.get_docstring(f)]
        assert silent == []


class TestSizes:
    def test_functions_are_small(self) -> None:
        sizes = sorted(length(f) for tree in trees().values() for f in functions(tree))
        assert median(sizes) <= 10
        assert quantiles(sizes, n=10)[8] <= 35
        too_long = [
            (name, f.name, length(f)) for name, tree in trees().items() for f in functions(tree) if length(f) > 80
        ]
        assert too_long == []

    def test_files_are_readable_in_one_sitting(self) -> None:
        assert {name: text.count("\n") for name, text in sources().items() if text.count("\n") >= 500} == {}


class TestErrors:
    def test_blind_excepts_stand_only_at_a_few_edges(self) -> None:
        found = {name: len(BLIND.findall(text)) for name, text in sources().items()}
        assert sum(found.values()) <= 5, {name: n for name, n in found.items() if n}

    def test_a_blind_except_writes_down_what_happened(self) -> None:
        silent = []
        for name, tree in trees().items():
            for node in ast.walk(tree):
                blind = isinstance(node, ast.ExceptHandler) and (
                    node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
                )
                if blind and "logger.exception" not in ast.unparse(node) and "raise" not in ast.unparse(node):
                    silent.append(f"{name}:{node.lineno}")  # type: ignore[attr-defined]
        assert silent == []


@pytest.mark.parametrize("name", ["nlu/types.py", "dialog/types.py", "dialog/ports.py", "apps/conversations/types.py"])
def test_values_that_travel_are_frozen(name: str) -> None:
    classes = [node for node in trees()[name].body if isinstance(node, ast.ClassDef)]
    kinds = ("StrEnum", "Protocol", "Exception")
    loose = [
        node.name
        for node in classes
        if not any(ast.unparse(base) in kinds for base in node.bases)
        and not any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert classes
    assert loose == []


def test_side_effects_wait_for_the_commit() -> None:
    """Sockets hear of a row only when it is there for everybody; only that somebody types is passed on at once."""
    senders = {name: text for name, text in sources().items() if "group_send(" in text}
    assert set(senders) == {"apps/conversations/push.py", "apps/conversations/consumers.py"}
    assert "on_commit" in senders["apps/conversations/push.py"]
    at_once = re.findall(r"self\._group_send\((.*)\)", senders["apps/conversations/consumers.py"])
    assert at_once
    assert all('"type": "typing"' in event for event in at_once)


def test_no_class_is_loaded_by_its_dotted_name() -> None:
    pure = {name: text for name, text in sources().items() if not name.startswith("apps/")}
    assert [name for name, text in pure.items() if "import_module" in text or "__import__" in text] == []


def test_the_product_speaks_of_itself_alone() -> None:
    """No author heads, no machine's folders."""
    head = re.compile(r"@author|@date|^# *author:|/root/|/tmp/|/home/\w+/|/work/", re.IGNORECASE | re.MULTILINE)
    assert {name: head.findall(text) for name, text in sources().items() if head.search(text)} == {}
