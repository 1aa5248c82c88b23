"""A guard's part of the report: whether promises are kept, by origin, class and group, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from structkit.run import Run
from structkit.words import number
from structkit_html_report.failings import standing
from structkit_html_report.guard_figures import guard_figures
from structkit_html_report.novel_rows import novel_cards
from structkit_html_report.plot import Axis
from structkit_html_report.strip import Dot, ruler, strip
from structkit_html_report.texts import Block
from structkit_html_report.trusted import Trusted
from structkit_html_report.wording import listed, measured, percent

SHARES = Axis("share of rows", -0.02, 1.02, ticks=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0))
STANDING = {"kept": "kept", "near": "near it", "short": "not kept", "void": "not promised here"}
TONES = {"kept": "right", "short": "wrong"}  # in the page's style
ALARMS = "false alarms"
MOST_UNKNOWN = 60  # classes in a table


def guard_part(run: Run, step: str) -> dict[str, Any]:
    """Everything the template shows of one guard."""
    trusted = Trusted(run, step)
    return {
        "use": trusted.record.component,
        "model": trusted.model,
        "learnt": listed(trusted.calibrated_on),
        "promises": Block(_promises(trusted)),
        "seeds": len(trusted.seeds),
        "ruler": ruler(SHARES),
        "coverage": list(_coverage(trusted)),
        "sets": bool(trusted.classes),
        "noun": trusted.noun,
        "figures": guard_figures(trusted),
        "alarms": list(_alarms(trusted)),
        "unknown": list(_unknown(trusted)),
        "calibration": list(_calibration(trusted)),
        "cards": novel_cards(run, trusted),
    }


def _promises(trusted: Trusted) -> str:
    """What was promised, in words."""
    kind = "sets" if trusted.classes else "intervals"
    words = []
    coverage, alarms = trusted.promise("coverage"), trusted.promise("false_alarms")
    if coverage is not None:
        words.append(
            f"{kind} that hold the truth in {percent(coverage)} of {trusted.noun}s of new groups"
        )
    if alarms is not None:
        words.append(f"at most {percent(alarms)} of {trusted.noun}s of what it knows refused")
    return f"Promised: {'; '.join(words)}." if words else "This guard promises no rate."


def _coverage(trusted: Trusted) -> Iterator[dict[str, Any]]:
    """A line an origin: how often the truth is held, and by how large sets or intervals."""
    promised = trusted.promise("coverage")
    for origin in trusted.origins:
        told, scores = trusted.coverage(origin), trusted.tested(origin)
        if told is None or told.value is None:
            continue
        kept = "" if promised is None else standing(trusted, origin, told, promised)
        references = () if promised is None else (promised,)
        yield {
            "origin": origin,
            "rows": f"{scores['n']} in {scores['groups']}",
            "value": measured(told),
            "strip": strip(
                SHARES, Dot(told.value, told.interval), f"coverage of {origin}", references
            ),
            "size": _size(trusted, origin),
            "kept": STANDING.get(kept, ""),
            "tone": TONES.get(kept, "soft"),
        }


def _size(trusted: Trusted, origin: str) -> str:
    """The mean size of the sets, or the mean width of the intervals."""
    scores = trusted.tested(origin)
    if "set" in scores:
        return number(scores["set"]["size"])
    width = trusted.share(origin, lambda found: found.get("interval", {}).get("width"))
    if width is None:
        return "–"
    low, high = width.interval or (width.value, width.value)
    ends = f" [{number(low, trusted.unit)}, {number(high, trusted.unit)}]" if width.interval else ""
    return f"{number(width.value, trusted.unit)}{ends} {trusted.unit}".rstrip()


def _alarms(trusted: Trusted) -> Iterator[dict[str, Any]]:
    """A line an origin: what is refused, of classes that the model knows and of others."""
    allowed = trusted.promise("false_alarms")
    references = () if allowed is None else (allowed,)
    for origin in trusted.origins:
        scores = trusted.tested(origin)
        most = f"rows with most {trusted.noun}s refused"
        for words, told, area in (
            (ALARMS, trusted.false_alarms(origin), scores.get("novelty", {}).get("auroc")),
            (most, trusted.refused(origin), scores.get("wholes", {}).get("auroc")),
            (f"rows without any {trusted.noun}: not judged", trusted.empty(origin), None),
            ("strangers noticed", trusted.strangers(origin), None),
        ):
            if told is None or told.value is None:
                continue
            dot = Dot(told.value, told.interval, 1 if words == ALARMS else 2)
            held = references if words == ALARMS else ()
            yield {
                "origin": origin,
                "words": words,
                "value": measured(told),
                "strip": strip(SHARES, dot, f"{words} of {origin}", held),
                "auroc": "" if area is None else number(area),
            }


def _unknown(trusted: Trusted) -> Iterator[dict[str, Any]]:
    """A line for each class that the model does not know: those that pass unnoticed first."""
    lines = []
    for origin in trusted.origins:
        for label, facts in trusted.tested(origin).get("novelty", {}).get("unknown", {}).items():
            told = trusted.noticed(origin, label)
            if told is None or told.value is None:
                continue
            dot = Dot(told.value, told.interval, 2)
            lines.append(
                {
                    "sorting": (told.value, -facts["noticed"]["n"]),
                    "label": label,
                    "origin": origin,
                    "n": facts["noticed"]["n"],
                    "value": measured(told),
                    "strip": strip(SHARES, dot, f"noticed of {label}"),
                    "auroc": number(facts["auroc"]),
                }
            )
    yield from sorted(lines, key=lambda line: line["sorting"])[:MOST_UNKNOWN]


def _calibration(trusted: Trusted) -> Iterator[tuple[str, ...]]:
    """The calibration error of an origin, of the model and after the guard."""
    for origin in trusted.origins:
        found = trusted.tested(origin).get("reliability", {})
        if found:
            after = found.get("calibrated", {"error": None})["error"]
            yield origin, number(found["model"]["error"]), number(after)
