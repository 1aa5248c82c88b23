"""What an audit says: sentences with numbers, each of which names something wrong or says that nothing is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from structkit.errors import printable

NAMED = 10  # rows or pairs that a sentence names


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Args:
        check: `groups`, `copies`, `leaks`, `splits`, `labels` or `hold-outs`.
        text: in a sentence or two.
        bad: whether it makes scores doubtful.
        facts: its numbers, as JSON holds them.
        model: the model step whose rows were looked at.
    """

    check: str
    text: str
    bad: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""


@dataclass(frozen=True)
class Audit:
    """Everything that an audit of a pipeline found.

    Args:
        pipeline: its name.
        findings: in the order in which they are told.
    """

    pipeline: str
    findings: Sequence[Finding]

    @property
    def bad(self) -> list[Finding]:
        """What makes scores doubtful."""
        return [finding for finding in self.findings if finding.bad]

    @property
    def verdict(self) -> str:
        """The whole in a sentence."""
        if not self.bad:
            return f"{self.pipeline}: nothing found that makes scores doubtful"
        checks = ", ".join(dict.fromkeys(finding.check for finding in self.bad))
        count = len(self.bad)
        return f"{self.pipeline}: {count} finding{'s' if count > 1 else ''} ({checks})"

    def lines(self) -> Iterator[str]:
        """What the terminal shows."""
        model = None
        for finding in self.findings:
            if finding.model != model:
                model = finding.model
                yield f"{model}:"
            mark = "!" if finding.bad else " "
            yield f" {mark} {finding.check}: {finding.text}"
        yield self.verdict

    def as_json(self) -> str:
        """The same for programs."""
        findings = [
            {
                "model": finding.model,
                "check": finding.check,
                "bad": finding.bad,
                "text": finding.text,
                **finding.facts,
            }
            for finding in self.findings
        ]
        facts = {"pipeline": self.pipeline, "found": len(self.bad), "findings": findings}
        return json.dumps(facts, indent=1)

    def as_html(self) -> str:
        """A page of its own, without scripts."""
        rows = "\n".join(map(_row, self.findings))
        title = _safe(f"Audit of {self.pipeline}")
        return (
            f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n'
            f"<style>{STYLE}</style>\n<h1>{title}</h1>\n<p>{_safe(self.verdict)}</p>\n"
            f"<table>\n<tr><th>model<th>check<th>what was found</tr>\n{rows}\n</table>\n</html>\n"
        )


STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "td,th{text-align:left;vertical-align:top;padding:.3em .8em;border-bottom:1px solid #ccc}"
    ".bad{font-weight:bold;border-left:4px solid #c30}"
)


def _row(finding: Finding) -> str:
    style = ' class="bad"' if finding.bad else ""
    cells = "".join(f"<td>{_safe(t)}" for t in (finding.model, finding.check, finding.text))
    return f"<tr{style}>{cells}</tr>"


def _safe(text: str) -> str:
    return escape(printable(text))


def several(count: int, noun: str) -> str:
    """A number with its noun: `1 row`, `2 rows`, `2 classes`."""
    ending = "es" if noun.endswith("s") else "s"
    return f"{count:,} {noun}{'' if count == 1 else ending}"
