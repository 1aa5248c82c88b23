"""What was varied: the headlines of a model against each setting that its origins differ in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit_html_report.charts import Chart, Point, against_setting
from structkit_html_report.view import Figure

SHOWN = 2  # headlines of a model
Line = dict[str, float]  # the value of the setting, by origin


def is_varied(run: Run, step: str) -> bool:
    """Whether some rows that a model was asked about come with a number that was varied."""
    return bool(_settings(run, run.step(step).origins))


def varied_figures(run: Run, step: str) -> list[Figure]:
    """Figures of a model with captions; none where it was scored on nothing that was varied."""
    figures: list[Figure] = []
    for chart in charts(run, step):
        figures.append((against_setting(chart), f"{chart.words} against {chart.setting}"))
    return figures


def charts(run: Run, step: str) -> Iterator[Chart]:
    """A chart for each of the first headlines and each number that was varied."""
    headlines = run.headlines(step)
    for setting in _settings(run, list(headlines)):
        lines = _lines(run, list(headlines), setting)
        if max(len(set(line.values())) for line in lines.values()) < 2:
            continue
        for scores in _by_headline(headlines):
            yield _chart(setting, lines, scores)


def _by_headline(headlines: Mapping[str, list[Headline]]) -> Iterator[dict[str, Headline]]:
    """The first headlines, each of every origin."""
    for number in range(min([SHOWN, *map(len, headlines.values())])):
        yield {origin: several[number] for origin, several in headlines.items()}


def _settings(run: Run, origins: Sequence[str]) -> list[str]:
    """The settings that some origin has a number of, in the order of the pipeline."""
    names: dict[str, None] = {}
    for origin in origins:
        varied = _varied(run, origin)
        names |= dict.fromkeys(name for name, value in varied.items() if _is_number(value))
    return list(names)


def _lines(run: Run, origins: list[str], setting: str) -> dict[str, Line]:
    """The origins that differ in one setting alone, by what they share."""
    having = [origin for origin in origins if _is_number(_varied(run, origin).get(setting))]
    several = len({_path(run, origin) for origin in having}) > 1
    lines: dict[str, Line] = {}
    for origin in having:
        varied = _varied(run, origin)
        words = [_path(run, origin)] if several else []
        words += [f"{name}={value}" for name, value in varied.items() if name != setting]
        lines.setdefault(", ".join(words), {})[origin] = float(varied[setting])
    return lines


def _chart(setting: str, lines: Mapping[str, Line], scores: Mapping[str, Headline]) -> Chart:
    drawn = {}
    for label, line in lines.items():
        points = []
        for origin, x in line.items():
            score = scores[origin]
            if score.value is not None:
                points.append(Point(x, score.value, score.interval))
        drawn[label] = sorted(points, key=lambda point: point.x)
    told = next(iter(scores.values()))
    return Chart(setting, f"{told.words} [{told.unit}]" if told.unit else told.words, drawn)


def _varied(run: Run, origin: str) -> Mapping[str, Any]:
    return run.lineage[origin].varied if origin in run.lineage else {}


def _path(run: Run, origin: str) -> str:
    """The steps by which the rows of an origin were made."""
    return " → ".join(record.step for record in run.ancestors(origin))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
