"""All flows of a bot, from its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from dialog.task.lint_starts import collisions, shared_intents
from dialog.task.model import Domain, Flow, Problem, Say, Slot, Start, Text
from dialog.task.texts import DEFAULTS

LOGIN = "login"
"""The built-in flow of guards: it asks the customer to log in, and ends. Its sentence is the text ``login_needed``."""


@dataclass(frozen=True, slots=True)
class FlowBook:
    """``flows`` are those of the files, in their order. Slots and texts belong to the file that a flow stands in.

    Flows are asked for by name; an unknown one is a KeyError, so :meth:`knows` comes first where a name is from outside.
    """

    flows: tuple[Flow, ...]
    _by_name: Mapping[str, Flow]
    _homes: Mapping[str, Domain]

    @classmethod
    def build(cls, domains: Sequence[Domain]) -> FlowBook:
        """Put the files of a bot together.

        Raises:
            ValueError: two flows have the same name.
        """
        for _, problem in _same_names(domains):
            raise ValueError(problem.message)
        flows = tuple(flow for domain in domains for flow in domain.flows.values())
        homes = {name: domain for domain in domains for name in domain.flows}
        by_name = {flow.name: flow for flow in flows}
        return cls(flows, MappingProxyType({LOGIN: _login(domains)} | by_name), MappingProxyType(homes))

    def knows(self, flow: str) -> bool:
        return flow in self._by_name

    def flow(self, name: str) -> Flow:
        return self._by_name[name]

    def slots(self, flow: str) -> Mapping[str, Slot]:
        """All slots of the file that a flow stands in."""
        home = self._homes.get(flow)
        return home.slots if home else {}

    def slot(self, flow: str, name: str) -> Slot:
        return self.slots(flow)[name]

    def texts(self, flow: str) -> Mapping[str, Text]:
        """What the flow's file says in place of the dialogue's own texts."""
        home = self._homes.get(flow)
        return home.texts if home else {}


def _login(domains: Sequence[Domain]) -> Flow:
    own = next((domain.texts["login_needed"] for domain in domains if "login_needed" in domain.texts), None)
    label = {"zh": "登录", "en": "logging in"}
    return Flow(LOGIN, label, label, Start(), (Say("0", own or DEFAULTS["login_needed"]),))


def problems_between(domains: Sequence[Domain]) -> tuple[tuple[str, Problem], ...]:
    """What is wrong only because these files belong to one bot, each with the name of the file whose line it is."""
    return (*_same_names(domains), *_confused(domains))


def _same_names(domains: Sequence[Domain]) -> Iterator[tuple[str, Problem]]:
    first: dict[str, str] = {LOGIN: ""}
    for domain in domains:
        for flow in domain.flows.values():
            if flow.name in first:
                where = (
                    f"in “{first[flow.name]}” and in “{domain.name}”" if first[flow.name] else "of the product itself"
                )
                message = f"There is a flow “{flow.name}” {where}; give this one another name."
                yield domain.name, Problem(flow.line, 1, "error", "duplicate_flow", message, {"flow": flow.name})
            else:
                first[flow.name] = domain.name


def _confused(domains: Sequence[Domain]) -> Iterator[tuple[str, Problem]]:
    homes = {id(flow): domain.name for domain in domains for flow in domain.flows.values()}
    flows = [flow for domain in domains for flow in domain.flows.values()]
    for here, there, problem in (*collisions(flows), *shared_intents(flows)):
        if homes[id(here)] != homes[id(there)]:
            yield homes[id(here)], problem
