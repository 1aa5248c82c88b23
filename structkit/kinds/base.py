"""What a kind of step is: it says what it reads and makes, its jobs, how they are done and what a run shows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from structkit.components import Declaration
from structkit.engine.context import Context
from structkit.engine.jobs import Before, Job
from structkit.engine.pieces import Input, Piece, adopt
from structkit.kinds.wiring import Asked, Wired
from structkit.pipeline.checked import CheckedStep
from structkit.records import ROWS

if TYPE_CHECKING:
    from structkit.store.run_folder import RunFolder


class Kind(ABC):
    """A kind of step. The checker, the runner, the plan and the run folder know kinds by this interface alone.

    Attributes:
        name: as `Declaration.kind` has it.
        inputs: fewest and most steps that `from` may name; 0 for no limit above.
        reads: in words, what `from` names.
        owns: words of a step that only this kind understands.
        shows: what a run shows of a step (`structkit.records`).
    """

    name: ClassVar[str]
    inputs: ClassVar[tuple[int, int]]
    reads: ClassVar[str]
    owns: ClassVar[tuple[str, ...]] = ()
    shows: ClassVar[tuple[str, ...]] = (ROWS,)

    # Wiring ---------------------------------------------------------------------------------------------

    @abstractmethod
    def can_read(self, given: CheckedStep, declaration: Declaration) -> bool:
        """Whether a step's result is of the sort that this kind reads."""

    @abstractmethod
    def wants(self, declaration: Declaration) -> str:
        """What it reads, as a message says it."""

    @abstractmethod
    def gives(self, step: CheckedStep) -> str:
        """What a step of this kind passes on, as a message says it."""

    @abstractmethod
    def wire(self, asked: Asked) -> Wired:
        """What a step passes on, and what is wrong with it beside what is wrong with any step."""

    def words(self, asked: Asked) -> Mapping[str, Any]:
        """The step's own words as `CheckedStep` has them, origins written out."""
        return {}

    def resolved(self, step: CheckedStep) -> dict[str, Any]:
        """The step's own words for `resolved.yaml`."""
        return {}

    # Work -----------------------------------------------------------------------------------------------

    @abstractmethod
    def jobs(self, step: CheckedStep, before: Before) -> list[Job]:
        """The step's jobs with their keys; `before` has the jobs of the steps that it reads."""

    def contents(self, job: Job, inputs: Sequence[Input]) -> Sequence[Any]:
        """What each piece of a job is about, where a job can be done in pieces; else one piece about nothing."""
        return [None]

    @abstractmethod
    def do(self, piece: Piece, draft: Path, context: Context) -> None:
        """Do a piece of a job, in any process, and leave the result in the draft folder."""

    def join(self, job: Job, pieces: Sequence[Path], inputs: Sequence[Input], draft: Path) -> None:
        """Make the job's result of its finished pieces."""
        adopt(pieces[0], draft)

    def goes_on(self, job: Job) -> bool:
        """Whether the other pieces of a job go on when one has failed."""
        return False

    def said(self, job: Job, entry: Path) -> str:
        """What was made, in a few words."""
        return "done"

    # The run folder -------------------------------------------------------------------------------------

    def show(self, step: CheckedStep, jobs: Sequence[tuple[Job, Any]], folder: RunFolder) -> None:
        """Show finished jobs with their entries in the run folder."""
        for job, entry in jobs:
            folder.show(entry, job.shown)
        folder.show_parts([job.origin for job, _ in jobs], step.id)
