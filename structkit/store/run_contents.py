"""What the records of a run hold: `run.json`, `done.json` and `provenance.json`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from structkit.store.contents import Contents, Name, Place, Text

MOST_SEEDS = 100  # of a pipeline, as `repeat` allows


class JobContents(Contents):
    """A job of a run."""

    key: Text
    ingredients: dict[str, Any]
    shown: Place = "shown"


class StepContents(Contents):
    """A step of a run."""

    kind: Text
    use: Text
    version: str
    code: str = ""
    settings: dict[str, Any] = Field(alias="with")
    inputs: list[Name] = Field(alias="from")
    origins: list[Name]
    train_on: list[Name] = []
    target: Text = ""
    passes: str = ""
    summary: str = ""
    predicts: str = ""
    per: str = ""
    shows: list[str] = []
    picture: str | None = None
    plugin_file: Text | None = None


class OriginContents(Contents):
    """Where rows of a run come from."""

    step: Name
    parent: Name | None
    varied: dict[str, Any]
    settings: dict[str, Any] = Field(alias="with")


class RepeatContents(Contents):
    """`repeat` of a pipeline."""

    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)]


class ResolvedContents(Contents):
    """A resolved pipeline, as far as a run is read by it."""

    name: Text
    seed: int = 0
    threads: Annotated[int, Field(ge=1)] | None = None
    repeat: RepeatContents | None = None
    plugins: list[Text] = []
    steps: dict[str, dict[str, Any]] = {}


class RunContents(Contents):
    """`run.json`."""

    file: Text
    resolved: ResolvedContents
    order: list[Name]
    steps: dict[Name, StepContents]
    jobs: dict[str, JobContents]
    lineage: dict[Name, OriginContents] = {}


class HostContents(Contents):
    """The machine of a run."""

    system: str


class FactContents(Contents):
    """A job of `provenance.json`."""

    step: str
    work: str
    origin: str | None
    seconds: float
    peak_memory_mib: float
    cpu_seconds: float = 0.0
    cached: bool


class ProvenanceContents(Contents):
    """`provenance.json`."""

    finished: str = ""
    threads: int = 0
    device: Text = ""
    workers: int = 0
    host: HostContents | None = None
    python: str = ""
    libraries: dict[str, str] = {}
    steps: list[FactContents] = []
