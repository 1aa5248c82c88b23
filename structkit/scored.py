"""What a run says of its models and explanations: one half of `Run`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from structkit.discovery.plugin import import_string
from structkit.discovery.registry import Registry
from structkit.errors import Problem, SpecError
from structkit.evaluation.predicted import Prediction
from structkit.evaluation.repeats import meant
from structkit.evaluation.target import Headline, Target
from structkit.records import PARTS, REPEATS, SCORES, TRUST, StepRecord
from structkit.store.contents import checked
from structkit.store.entries import Entry
from structkit.store.reading import made_sense_of, read_json
from structkit.store.result_contents import (
    METRICS,
    FaithfulnessContents,
    HistoryContents,
    MetricsContents,
    TrustContents,
)


class Scored(ABC):
    """The scores, predictions and explanations of a run folder, by step."""

    folder: Path

    @property
    @abstractmethod
    def resolved(self) -> dict[str, Any]:
        """The pipeline with every default written out."""

    @property
    @abstractmethod
    def steps(self) -> dict[str, dict[str, Any]]:
        """Every step."""

    @property
    @abstractmethod
    def _registry(self) -> Registry:
        """The plugins."""

    @abstractmethod
    def step(self, step: str) -> StepRecord:
        """What the run says of a step."""

    @abstractmethod
    def steps_with(self, shown: str) -> list[str]:
        """Ids of the steps of which the run shows something."""

    @abstractmethod
    def path(self, step: str) -> Path:
        """The folder of a step's results."""

    @abstractmethod
    def entry(self, place: str) -> Entry:
        """What lies at a place below `steps`."""

    def metrics(self, step: str) -> dict[str, Any]:
        """A model's scores, as in its `metrics.json`, every byte checked."""
        return self._metrics_at(step)

    def _metrics_at(self, place: str) -> dict[str, Any]:
        path, record = self.entry(place).folder / "metrics.json", self.step(place.partition("/")[0])
        contents = METRICS.get((record.predicts, record.per), MetricsContents)
        return dict(checked(read_json(path), contents, path))

    def repeats(self, step: str) -> list[dict[str, Any]]:
        """A model's scores with each seed, the first as in `metrics`."""
        return [self._metrics_at(place) for place in self._places(step)]

    def _places(self, step: str) -> list[str]:
        """Where the results with each seed lie."""
        return [step, *(f"{step}/{REPEATS}/{turn}" for turn in self._further_seeds)]

    @property
    def _further_seeds(self) -> range:
        return range(2, self.resolved.get("repeat", {"seeds": 1})["seeds"] + 1)

    def faithfulness(self, step: str) -> dict[str, dict[str, Any]]:
        """What the tests of `structkit.evaluation.faithfulness` say of an explainer's maps, by origin."""
        folders = {origin: self.path(step) / origin for origin in self.steps[step]["origins"]}
        paths = {o: path / "faithfulness.json" for o, path in folders.items() if path.is_dir()}
        return {
            o: checked(read_json(path), FaithfulnessContents, path) for o, path in paths.items()
        }

    def passed(self, step: str, method: str, origin: str | None = None) -> bool:
        """Whether a method's maps passed their tests, on one origin or on all that could be tested."""
        tests = [f for o, f in self.faithfulness(step).items() if origin in (None, o)]
        verdicts = [f["methods"][method]["passed"] for f in tests if method in f["methods"]]
        return bool(verdicts) and all(verdicts)

    def history(self, step: str) -> list[dict[str, float]]:
        """A model's learning curve: one record an epoch."""
        path = self.path(step) / "trained" / "history.json"
        return list(checked(read_json(path), HistoryContents, path))

    def tested(self, step: str) -> dict[str, dict[str, Any]]:
        """A model's scores on the test part of every origin that has one, in the order of the pipeline."""
        origins = self.metrics(step)["origins"]
        return {
            o: origins[o]["test"]
            for o in self.steps[step]["origins"]
            if "test" in origins.get(o, {})
        }

    def target(self, step: str) -> Target:
        """What a model step says of a row; its scores and predictions are read through this.

        Raises:
            SpecError: R006, no model; P001, no installed plugin has such a target.
        """
        record = self.step(step)
        if SCORES not in record.shows:
            raise SpecError(Problem("R006", f"'{step}' is a {record.kind}: it predicts nothing"))
        declared = self._registry.target(record.predicts, record.per)
        target: Target = import_string(declared.build)(record.target)
        return target

    def headlines(self, step: str) -> dict[str, list[Headline]]:
        """What is told of a model's scores on the test part, by origin: of several seeds their mean and spread."""
        return {
            origin: parts["test"] for origin, parts in self.told(step).items() if "test" in parts
        }

    def told(self, step: str) -> dict[str, dict[str, list[Headline]]]:
        """What is told of a model's scores, by origin and part: of several seeds their mean and spread."""
        target, repeats = self.target(step), [repeat["origins"] for repeat in self.repeats(step)]
        with made_sense_of(self.path(step) / "metrics.json"):
            return {
                origin: {
                    part: meant([target.headlines(repeat[origin][part]) for repeat in repeats])
                    for part in PARTS
                    if all(part in one.get(origin, {}) for one in repeats)
                }
                for origin in self.steps[step]["origins"]
            }

    def trust(self, step: str) -> dict[str, Any]:
        """What a guard's judgements are worth, as in its `trust.json`, every byte checked."""
        return self._trust_at(step)

    def trusts(self, step: str) -> list[dict[str, Any]]:
        """The same with each seed, the first as in `trust`."""
        return [self._trust_at(place) for place in self._places(step)]

    def _trust_at(self, place: str) -> dict[str, Any]:
        path = self.entry(place).folder / "trust.json"
        return dict(checked(read_json(path), TrustContents, path))

    def predict(
        self,
        structures: Any,
        model: str | None = None,
        origin: str | None = None,
        device: str = "cpu",
    ) -> list[Prediction]:
        """What a model of the run, and its guards, say of new structures.

        Args:
            structures: one or several of: `Atoms` of ase, a `Structure` of pymatgen, a `Sample`, or
                the path of a file, which may hold several.
            model: its step; may be left out where there is one.
            origin: prepare the structures as the rows of this origin were; default: the first that
                the model learnt from.
            device: of torch.

        Raises:
            SpecError: R006, R007, P007 or P008, of the run; DataError: what is wrong with a
                structure.
        """
        made = import_string("structkit.engine.prediction:Predictor")
        predictions: list[Prediction] = made(self.folder, model, origin, device=device).ask(
            structures
        )
        return predictions

    def guards(self, model: str) -> list[str]:
        """The guard steps of a model, in order."""
        return [step for step in self.steps_with(TRUST) if model in self.step(step).inputs]

    def scores(self) -> dict[str, dict[str, Any]]:
        """The scores of every model step."""
        return {step: self.metrics(step) for step in self.steps_with(SCORES)}

    def trained(self, step: str) -> Entry:
        """The trained model of a step, every byte checked."""
        return self.entry(f"{step}/trained")
