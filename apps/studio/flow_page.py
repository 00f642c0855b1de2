"""What the pages about flows show, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from apps.bots.models import Bot
from apps.flows.checking import problems_of
from apps.flows.models import Action, FlowFile, FlowVersion
from apps.flows.selectors import action_specs, flow_drafts, flow_versions
from apps.studio.flow_words import ShownProblem, words
from apps.studio.trying import loaded_of
from dialog.task.diagram import diagram
from dialog.task.model import Domain, Problem
from dialog.task.template import text_in
from dialog.types import Lang

SHOWN_PROBLEMS = 20
"""Of each kind, over all files."""
HISTORY = 30


def language() -> Lang:
    """The reader's, for the texts of flows."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


# --- all files --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changes:
    """What a publish would change, by names of files."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Undo:
    """A file as it was before, to be brought back for some seconds."""

    text: str
    name: str
    source: str | None


@dataclass(frozen=True, slots=True)
class FileRow:
    """``status``: new, changed or published, against what answers now."""

    file: FlowFile
    flows: tuple[str, ...]
    status: str
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class FileLine:
    """A problem with the file and the line that have it."""

    file: str
    problem: ShownProblem


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action of the registry; inputs that must be there come first and are marked with a star."""

    name: str
    about: str
    write: bool
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    server: str
    off: bool


def flows_context(bot: Bot, done: str = "", error: str = "") -> dict[str, Any]:
    drafts = list(flow_drafts(bot).select_related("updated_by"))
    sources = {draft.name: draft.source for draft in drafts}
    changes = changes_of(bot, sources)
    found = [
        FileLine(file, ShownProblem.of(problem))
        for file, problems in sorted(problems_of(sources, action_specs(bot)).items())
        for problem in problems
    ]
    errors = [one for one in found if one.problem.severity == "error"]
    warnings = [one for one in found if one.problem.severity != "error"]
    return {
        "done": done,
        "error": error,
        "rows": [_row(draft, changes, found) for draft in drafts],
        "changes": changes,
        "errors": errors[:SHOWN_PROBLEMS],
        "error_count": len(errors),
        "warnings": warnings[:SHOWN_PROBLEMS],
        "warning_count": len(warnings),
        "actions": [action_row(row) for row in Action.objects.filter(bot=bot).select_related("server")],
        "history": list(flow_versions(bot)[:HISTORY]),
        "live": bot.live_flows,
    }


def draft_source(bot: Bot, name: str) -> str | None:
    return FlowFile.objects.filter(bot=bot, name=name).values_list("source", flat=True).first()


def changes_of(bot: Bot, sources: Mapping[str, str]) -> Changes:
    """Drafts against what answers now."""
    version = FlowVersion.objects.filter(bot=bot, number=bot.live_flows).first()
    live = version.files if version else {}
    return Changes(
        added=tuple(sorted(sources.keys() - live.keys())),
        changed=tuple(sorted(name for name in sources.keys() & live.keys() if sources[name] != live[name])),
        removed=tuple(sorted(live.keys() - sources.keys())),
    )


def _row(draft: FlowFile, changes: Changes, found: list[FileLine]) -> FileRow:
    severities = [one.problem.severity for one in found if one.file == draft.name]
    domain = loaded_of(draft.source).domain
    labels = tuple(text_in(flow.label, language()) for flow in domain.flows.values()) if domain else ()
    status = "new" if draft.name in changes.added else "changed" if draft.name in changes.changed else "published"
    return FileRow(draft, labels, status, severities.count("error"), len(severities) - severities.count("error"))


def action_row(row: Action) -> ActionRow:
    return ActionRow(
        name=row.name,
        about=row.about,
        write=row.effect == Action.Effect.WRITE,
        inputs=_fields(row.inputs),
        outputs=_fields(row.output),
        server=row.server.name,
        off=not row.server.enabled,
    )


def _fields(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of a schema with their types."""
    needed = schema.get("required", ())
    names = sorted(schema.get("properties", {}), key=lambda name: name not in needed)
    return tuple(f"{name}{'*' if name in needed else ''} {_type(schema['properties'][name])}".strip() for name in names)


def _type(schema: Mapping[str, Any]) -> str:
    if schema.get("enum"):
        return " | ".join(map(str, schema["enum"]))
    kind = schema.get("type", "")
    return " | ".join(kind) if isinstance(kind, list) else str(kind)


# --- one file ---------------------------------------------------------------------------------------------------


def checked(bot: Bot, file: str, source: str) -> dict[str, Any]:
    """The problems of a text and the diagrams of its flows; none where it cannot be read."""
    sources = {draft.name: draft.source for draft in flow_drafts(bot)} | {file: source}
    found = problems_of(sources, action_specs(bot)).get(file, ())
    domain = loaded_of(source).domain
    return {"problems": shown_problems(found), "flows": diagrams(domain) if domain else None}


def shown_problems(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [asdict(ShownProblem.of(problem)) for problem in problems]


def file_context(bot: Bot, row: FlowFile, may_edit: bool) -> dict[str, Any]:
    slug, name = bot.slug, row.name
    urls = {
        action: reverse(f"studio:{view}", args=[slug, name])
        for action, view in {
            "save": "flow",
            "check": "flow_check",
            "try": "flow_try",
            "story": "flow_story",
        }.items()
    }
    return {
        "file": row,
        "sandbox": bool((bot.profile or {}).get("sandbox")),
        "data": {
            "name": name,
            "revision": row.revision,
            "urls": urls,
            "words": words(),
            "lang": language(),
            "writable": may_edit,
            **checked(bot, name, row.source),
        },
    }


def diagrams(domain: Domain) -> list[dict[str, Any]]:
    lang = language()
    return [
        {
            "name": flow.name,
            "label": text_in(flow.label, lang),
            "about": text_in(flow.about, lang),
            "line": flow.line,
            "diagram": diagram(flow, lang, domain.slots).to_json(),
        }
        for flow in domain.flows.values()
    ]
