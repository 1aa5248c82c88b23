"""What made a run: versions, host, threads, times; and what to cite for it."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from structkit.components import Reference
from structkit.pipeline.checked import CheckedPipeline
from structkit.store.remnants import CITE

LIBRARIES = (
    "numpy",
    "scipy",
    "ase",
    "pymatgen",
    "torch",
    "dgl",
    "scikit-learn",
    "spglib",
    "gemmi",
    "pydantic",
)


def provenance(
    pipeline: CheckedPipeline, where: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The record of a finished run."""
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "argv": sys.argv,
        "host": {
            "name": platform.node(),
            "system": platform.platform(),
            "machine": platform.machine(),
        },
        "python": platform.python_version(),
        **where,
        "plugins": {p.distribution: p.version for p in pipeline.registry.plugins if not p.problem},
        "libraries": _versions(LIBRARIES),
        "steps": list(steps),
    }


def _versions(names: Iterable[str]) -> dict[str, str]:
    versions = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def bibliography(references: Iterable[Reference]) -> str:
    """References as BibTeX, each once, sorted by key; BibTeX reads no line outside of an entry."""
    entries = {_key(reference): _bibtex(reference) for reference in references}
    return "\n".join([CITE, *(entries[key] for key in sorted(entries))])


def _key(reference: Reference) -> str:
    first = re.sub(r"[^a-z]", "", reference.authors.split(",")[0].split(" ")[-1].lower())
    return f"{first}{reference.year}_{re.sub(r'[^a-z0-9]', '', reference.doi.lower())[-6:]}"


def _bibtex(reference: Reference) -> str:
    return (
        f"@article{{{_key(reference)},\n  author = {{{reference.authors}}},\n  title = {{{reference.title}}},\n"
        f"  journal = {{{reference.journal}}},\n  year = {{{reference.year}}},\n  doi = {{{reference.doi}}}\n}}\n"
    )
