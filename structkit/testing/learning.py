"""What the suites for models share, whatever a model says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from structkit.data.columns import Array
from structkit.data.table import Table
from structkit.samples import RunContext
from structkit.testing.base import ComponentContract


class LearningContract(ComponentContract, ABC):
    """A model is the same after save and load, for the same seed, and for rows in any order and company.

    Attributes:
        settings: must let the model learn the rows of `features` by heart.
        tolerance: largest difference between predictions that counts as none.
        resumes: whether a training that was stopped goes on from its scratch folder, to the same
            bytes.
    """

    kind: ClassVar[str] = "model"
    tolerance: ClassVar[float] = 1e-5
    resumes: ClassVar[bool] = False

    @abstractmethod
    def features(self) -> Table:
        """Rows to learn from."""

    def said(self, model: Any, table: Table) -> Array:
        """What a model says, one item a row."""
        return np.asarray(model.predict(table))

    def fitted(self, scratch: Path, **changes: Any) -> Any:
        """A trained model."""
        model, table = self.build(**changes), self.features()
        for _ in model.fit(table, table.select([0, 1, 2, 3]), self._context(scratch)):
            pass
        return model

    @staticmethod
    def _context(scratch: Path) -> RunContext:
        scratch.mkdir(parents=True, exist_ok=True)
        return RunContext(
            seed=11,
            rng=np.random.default_rng(11),
            scratch=scratch,
            threads=1,
            log=lambda text: None,
        )

    def test_saved_and_loaded_it_predicts_the_same(self, tmp_path: Path) -> None:
        model, table, folder = (
            self.fitted(tmp_path / "scratch"),
            self.features(),
            tmp_path / "saved",
        )
        folder.mkdir()
        model.save(folder)
        again = self.build()
        again.load(folder)
        assert getattr(again, "classes", None) == getattr(model, "classes", None), (
            "save keeps the classes"
        )
        assert np.array_equal(self.said(model, table), self.said(again, table)), (
            "save and load must keep every bit"
        )

    def test_no_pickle_is_written(self, tmp_path: Path) -> None:
        folder = tmp_path / "saved"
        folder.mkdir()
        self.fitted(tmp_path / "scratch").save(folder)
        for path in folder.rglob("*"):
            if path.is_file():
                start = path.read_bytes()[:2]
                assert start[:1] != b"\x80" and start != b"PK", (
                    f"{path.name} looks like pickle: save arrays and JSON"
                )

    def test_row_order_and_batch_mates_do_not_matter(self, tmp_path: Path) -> None:
        model, table = self.fitted(tmp_path), self.features()
        together = self.said(model, table)
        backwards = self.said(model, table.select(range(len(table) - 1, -1, -1)))[::-1]
        alone = np.concatenate([self.said(model, table.select([row])) for row in range(len(table))])
        assert np.allclose(together, backwards, atol=self.tolerance), (
            "a prediction changes with the order of rows"
        )
        assert np.allclose(together, alone, atol=self.tolerance), (
            "a prediction changes with its batch mates"
        )

    def test_features_come_in_the_same_pass(self, tmp_path: Path) -> None:
        model, table = self.fitted(tmp_path), self.features()
        if not callable(getattr(model, "predict_with_features", None)):
            pytest.skip("it does not say where it sees rows while it predicts them")
        _, seen = model.predict_with_features(table)
        alone = [model.features(table.select([row]))[0] for row in range(len(table))]
        assert len(seen) == len(table), "features are one item a row, or of parts one array a row"
        for asked, given in zip(alone, seen, strict=True):
            assert np.allclose(asked, given, atol=self.tolerance), (
                "features that come with predictions are those of the rows, whatever their company"
            )

    def test_same_seed_same_model(self, tmp_path: Path) -> None:
        first, second = (
            self.said(self.fitted(tmp_path / name), self.features()) for name in ("one", "two")
        )
        assert np.array_equal(first, second), (
            "take every random number from the context's seed or generator"
        )

    def test_a_copy_with_random_weights_has_learnt_nothing(self, tmp_path: Path) -> None:
        model, table = self.fitted(tmp_path), self.features()
        if not hasattr(model, "with_random_weights"):
            pytest.skip("it offers no with_random_weights: maps that explain it stay unvalidated")
        before = np.array(self.said(model, table))
        copies = [model.with_random_weights(seed) for seed in (1, 1, 2)]
        one, same, other = [self.said(copy, table) for copy in copies]
        assert not np.allclose(one, before, atol=1e-3), (
            "the copy knows what was learnt: draw every weight anew"
        )
        assert np.array_equal(one, same), "take every random number from the seed"
        assert not np.array_equal(one, other), "another seed must give other weights"
        assert np.array_equal(self.said(model, table), before), (
            "the trained model itself must stay as it is"
        )

    def test_a_stopped_training_goes_on(self, tmp_path: Path) -> None:
        if not self.resumes:
            pytest.skip("this model does not promise to resume")
        table = self.features()
        training = iter(
            self.build().fit(table, table.select([0, 1, 2, 3]), self._context(tmp_path / "stopped"))
        )
        next(training)
        del training  # as a kill would: nothing is told to the model
        resumed = self.said(self.fitted(tmp_path / "stopped"), table)
        whole = self.said(self.fitted(tmp_path / "whole"), table)
        assert np.array_equal(resumed, whole), (
            "a resumed training must end with the same bits as an undisturbed one"
        )
