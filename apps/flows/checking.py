"""What is wrong with a bot's flow files, each and together."""

from __future__ import annotations

from collections.abc import Mapping

from dialog.task.book import problems_between
from dialog.task.findings import finding
from dialog.task.lint import lint
from dialog.task.load import load
from dialog.task.model import Domain, Problem
from dialog.task.ports import ActionSpec


def problems_of(sources: Mapping[str, str], actions: Mapping[str, ActionSpec]) -> dict[str, tuple[Problem, ...]]:
    """The problems of each file by its name, in the order of its lines; files without any are left out."""
    loaded = {name: load(source) for name, source in sources.items()}
    found = {name: list(one.problems) for name, one in loaded.items()}
    domains = {name: one.domain for name, one in loaded.items() if one.domain is not None}
    for name, domain in domains.items():
        found[name] += lint(domain, actions, _flows_beside(domains, name))
    for name, problem in _between(domains):
        found[name].append(problem)
    return {name: tuple(sorted(rows, key=lambda row: (row.line, row.column))) for name, rows in found.items() if rows}


def _flows_beside(domains: Mapping[str, Domain], name: str) -> frozenset[str]:
    return frozenset(flow for other, domain in domains.items() if other != name for flow in domain.flows)


def _between(domains: Mapping[str, Domain]) -> list[tuple[str, Problem]]:
    """Problems of the files together. Two files of one domain name are one of them: their flows share its slots."""
    files: dict[str, str] = {}
    found = []
    for name, domain in domains.items():
        first = files.setdefault(domain.name, name)
        if first != name:
            message = "The file “{file}” has the domain “{domain}” too; give this one another."
            found.append((name, finding(1, "duplicate_domain", message, file=first, domain=domain.name)))
    return [*found, *((files[home], problem) for home, problem in problems_between(list(domains.values())))]
