"""A forest of regression trees as plain arrays, walked by numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.npy import save_array
from structkit_baselines.features import Matrix

LEAF = -1  # the child of a leaf, and what it asks for
BLOCK = 256  # rows that are walked at once: their places in 300 trees take 0.6 MB


@dataclass(frozen=True)
class Forest:
    """The nodes of all trees, one tree after the other; children are counted over all of them.

    Args:
        roots: int64 (trees,), the first node of each tree.
        left: int32 (nodes,), where a row goes whose feature is at most the threshold; -1 at a leaf.
        right: int32 (nodes,), where the other rows go; -1 at a leaf.
        feature: int32 (nodes,), which feature is asked for; -1 at a leaf.
        threshold: float64 (nodes,), in the unit of the feature.
        value: float64 (nodes,), the mean of the training rows that came to a node.
    """

    roots: NDArray[np.int64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: Matrix
    value: Matrix

    @classmethod
    def of(cls, trees: Sequence[Any]) -> Forest:
        """Copy the trees of scikit-learn (each a `sklearn.tree._tree.Tree` of one output)."""
        counts = np.array([tree.node_count for tree in trees], dtype=np.int64)
        roots = np.cumsum(counts) - counts
        starts = np.repeat(roots, counts)
        leaf = _joined([tree.children_left for tree in trees]) == LEAF
        children = {}
        for side in ("left", "right"):
            inside = _joined([getattr(tree, f"children_{side}") for tree in trees])
            children[side] = np.where(leaf, LEAF, inside + starts).astype(np.int32)
        feature = np.where(leaf, LEAF, _joined([tree.feature for tree in trees])).astype(np.int32)
        threshold = _joined([tree.threshold for tree in trees])
        value = _joined([tree.value[:, 0, 0] for tree in trees])
        return cls(roots, children["left"], children["right"], feature, threshold, value)

    @classmethod
    def load(cls, folder: Path) -> Forest:
        """Read what `save` wrote.

        Raises:
            ValueError: the arrays are no forest.
        """
        paths = {array.name: folder / f"{array.name}.npy" for array in fields(cls)}
        forest = cls(**{name: np.load(path, allow_pickle=False) for name, path in paths.items()})
        forest._check()
        return forest

    def save(self, folder: Path) -> None:
        """Write every array as a file of its own."""
        for array in fields(self):
            save_array(folder / f"{array.name}.npy", getattr(self, array.name))

    def predict(self, features: Matrix) -> Matrix:
        """Ask every tree: float64 (rows, trees).

        Args:
            features: (rows, features); compared as float32, as scikit-learn does.
        """
        rows = features.astype(np.float32)
        blocks = [self._leaves(rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK)]
        leaves = np.concatenate(blocks) if blocks else np.zeros((0, len(self.roots)), np.int64)
        values: Matrix = self.value[leaves]
        return values

    def _leaves(self, rows: NDArray[np.float32]) -> NDArray[np.int64]:
        """Walk rows down every tree: the leaf that each comes to, (rows, trees)."""
        shape = (len(rows), len(self.roots))
        node = np.tile(self.roots, len(rows))
        row = np.repeat(np.arange(len(rows)), len(self.roots))
        moving = np.flatnonzero(self.left[node] != LEAF)
        while len(moving):
            here = node[moving]
            goes_left = rows[row[moving], self.feature[here]] <= self.threshold[here]
            node[moving] = np.where(goes_left, self.left[here], self.right[here])
            moving = moving[self.left[node[moving]] != LEAF]
        return node.reshape(shape)

    def _check(self) -> None:
        """Refuse arrays by which a walk would leave the forest, or never end."""
        nodes = len(self.left)
        lengths = {
            len(getattr(self, array.name)) for array in fields(self) if array.name != "roots"
        }
        inner = np.flatnonzero(self.left != LEAF)
        children = np.concatenate([self.left[inner], self.right[inner]])
        places = np.concatenate([inner, inner])
        sound = lengths == {nodes} and (children > places).all() and (children < nodes).all()
        sound = sound and ((self.roots >= 0) & (self.roots < nodes)).all()
        sound = sound and (self.feature[inner] >= 0).all()
        if not sound:
            raise ValueError("the arrays are no forest")


def _joined(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0)
