"""The pipeline with nothing left open: every default written out, ready to run again."""

from __future__ import annotations

import io
from typing import Any

from structkit.discovery.travelling import dumped
from structkit.engine.jobs import JobGraph, threads_of
from structkit.pipeline.checked import CheckedPipeline, CheckedStep, Origin
from structkit.pipeline.spec import Pipeline
from structkit.store.files import digest

SAYS = ("predicts", "per")  # what the declaration of a model has


def resolved(pipeline: CheckedPipeline) -> dict[str, Any]:
    """The resolved pipeline as plain values; it is a valid pipeline file."""
    file = pipeline.spec.pipeline
    return {
        "structkit": file.structkit,
        "name": file.name,
        "seed": file.seed,
        "threads": threads_of(pipeline),
        "split": file.split.words(),
        **_repeat(file),
        "plugins": [str((pipeline.spec.path.parent / name).resolve()) for name in file.plugins],
        "steps": {step.id: _step(pipeline, step) for step in pipeline.steps.values()},
    }


def _repeat(file: Pipeline) -> dict[str, Any]:
    """`repeat`, where anything is repeated."""
    return {"repeat": file.repeat.model_dump(mode="json")} if file.repeat.seeds > 1 else {}


def _step(pipeline: CheckedPipeline, step: CheckedStep) -> dict[str, Any]:
    words: dict[str, Any] = {"use": step.component.qualified}
    if step.inputs:
        words["from"] = list(step.inputs)
    if step.vary:
        words["vary"] = [dict(point) for point in step.vary]
    words |= pipeline.registry.kind(step.kind).resolved(step)
    return {**words, "with": dumped(step.settings)}


def resolved_text(pipeline: CheckedPipeline) -> str:
    """The resolved pipeline as YAML, with the versions that made it as comments."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.sort_base_mapping_type_on_output = False, False  # type: ignore[assignment]
    text = io.StringIO()
    plugins = {step.component.plugin for step in pipeline.steps.values()}
    for plugin in sorted(plugins, key=lambda p: p.distribution):
        text.write(f"# {plugin.distribution} {plugin.version}\n")
    yaml.dump(resolved(pipeline), text)
    return text.getvalue()


def run_record(pipeline: CheckedPipeline, graph: JobGraph) -> dict[str, Any]:
    """What a run folder says of itself: the resolved pipeline, its steps, and the ingredients of every job."""
    return {
        "file": str(pipeline.spec.path.resolve()),
        "text": digest(pipeline.spec.text),
        "resolved": resolved(pipeline),
        "order": [step.id for step in pipeline.steps.values() if graph.of(step.id)],
        "steps": {
            step.id: _facts(pipeline, step) for step in pipeline.steps.values() if graph.of(step.id)
        },
        "jobs": {
            job.title: {"key": job.key, "ingredients": dict(job.ingredients), "shown": job.shown}
            for job in graph.jobs
        },
        "lineage": {origin.name: _lineage(origin) for origin in pipeline.lineage.values()},
    }


def _lineage(origin: Origin) -> dict[str, Any]:
    """Where the rows of an origin come from."""
    settings = dumped(origin.settings)
    return {
        "step": origin.step,
        "parent": origin.parent,
        "varied": dict(origin.varied),
        "with": settings,
    }


def _facts(pipeline: CheckedPipeline, step: CheckedStep) -> dict[str, Any]:
    plugin = step.component.plugin
    declared = step.declaration
    says = {word: getattr(declared, word) for word in SAYS if hasattr(declared, word)}
    return {
        "kind": step.kind,
        "shows": list(pipeline.registry.kind(step.kind).shows),
        "use": step.component.qualified,
        "summary": step.declaration.summary,
        "version": plugin.version,
        "code": plugin.code_digest,
        "from": list(step.inputs),
        "with": dumped(step.settings),
        "origins": list(step.origins),
        "passes": step.passes,
        "train_on": list(step.train_on),
        "target": step.target,
        **says,
        "picture": getattr(step.declaration, "picture", None),
        "plugin_file": str(plugin.file) if plugin.file else None,
    }
