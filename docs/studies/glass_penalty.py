"""Does a penalty on the entropy of the attention make it an explanation? On the rows of the finished glass study.

.venv/bin/python docs/studies/glass_penalty.py runs/glass-study
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.functional import cross_entropy

from structkit import RunContext, Table
from structkit.evaluation.faithfulness import deletion, relevance, summary
from structkit.run import Run
from structkit.words import headline
from structkit_attention_mpnn import AttentionMaps, AttentionMpnn
from structkit_attention_mpnn.batch import Batch
from structkit_torch_training import ClassObjective, Learner
from structkit_torch_training.learner import Labelled

STEP, FEATURES = "network_q", "graph_q"
LEARNT = ("q3+q", "q4+q", "q5+q")
PENALTIES = (0.0, 0.1, 1.0)  # times the entropy, which is one where all bonds are alike
ROWS, SEED = 12, 5  # explained rows of each set; of weights, batches and orders


class Sparing(Learner):
    """The loop of the study, with the entropy of the attention in its loss."""

    penalty = 0.0

    def _step(self, epoch: int, batch: int, train: Labelled, rows: NDArray[np.int64]) -> float:
        self.optimizer.zero_grad()
        graphs = self.collate(train.table, rows.tolist())
        network: Any = self.network
        logits, weights = network.explained(graphs)
        loss = cross_entropy(logits, train.targets[rows])
        value = float(loss.detach())
        whole = loss + self.penalty * entropy(weights, graphs)
        whole.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return value


def entropy(weights: list[Tensor], graphs: Batch) -> Tensor:
    """Of the attention over the bonds of a graph, in units of that of equal bonds; mean over graphs, rounds and heads."""
    graph = torch.repeat_interleave(torch.arange(len(graphs)), graphs.edges)
    parts = []
    for weight in weights:
        share = weight / graphs.edges[graph, None]
        terms = -share * torch.log(share.clamp(min=1e-12))
        total = terms.new_zeros(len(graphs), terms.shape[1]).index_add(0, graph, terms)
        parts.append(total / torch.log(graphs.edges.float())[:, None])
    return torch.stack(parts).mean()


def parts(run: Run) -> tuple[Table, dict[str, list[int]]]:
    """The graphs, and which of the sets that were learnt are in each part of the split."""
    table = run.table(FEATURES)
    subset = {(row.origin, row.id): row.subset for row in run.predictions(STEP).rows}
    chosen: dict[str, list[int]] = {"train": [], "valid": [], "test": []}
    for index, row in enumerate(table.rows):
        if row.origin in LEARNT:
            chosen[str(subset[row.origin, row.id])].append(index)
    return table, chosen


def trained(table: Table, chosen: dict[str, list[int]], penalty: float) -> AttentionMpnn:
    """A network as the study has it, with a penalty."""
    model, train = AttentionMpnn(), table.select(chosen["train"])
    model.classes, model.facts = tuple(sorted(set(train.labels))), model.facts_of(train)
    torch.manual_seed(SEED)
    model.network = model.new_network()
    with tempfile.TemporaryDirectory() as folder:
        context = RunContext(SEED, np.random.default_rng(SEED), Path(folder), threads=1)
        goal = ClassObjective(model.classes)
        learner = Sparing(model.network, model.collate, goal, model.settings, context)
        learner.penalty = penalty
        list(learner.fit(train, table.select(chosen["valid"])))
    return model


def lines(run: Run) -> Iterator[str]:
    """A row of the table for each penalty and map."""
    table, chosen = parts(run)
    explainer = AttentionMaps(methods=("attention", "gradient-x-attention"))
    for penalty in PENALTIES:
        model = trained(table, chosen, penalty)
        test = table.select(chosen["test"])
        liquid = [label == "liquid" for label in test.labels]
        area = roc_auc_score(liquid, model.predict(test)[:, 1])
        asked = test.select(explained(test))
        maps = zip(
            explainer.explain(model, asked),
            explainer.explain(model.with_random_weights(SEED), asked),
            strict=True,
        )
        rng = np.random.default_rng(SEED)
        found = [
            deletion(explainer, model, asked.select([i]), relevance(a), relevance(b), rng)
            for i, (a, b) in enumerate(maps)
        ]
        for method, result in summary(found)["methods"].items():
            gains = [headline(result[name]) for name in ("over_random", "over_random_weights")]
            verdict = "passed" if result["passed"] else "unvalidated"
            words = method.replace("_", " ")
            yield f"| {penalty:g} | {area:.3f} | {words} | {' | '.join(gains)} | {verdict} |"


def explained(test: Table) -> list[int]:
    """Some rows of every set, each of another trajectory as far as there are."""
    chosen: list[int] = []
    for origin in LEARNT:
        for label in ("liquid", "glass"):
            seen: dict[str, int] = {}
            for index, row in enumerate(test.rows):
                if (row.origin, row.label) == (origin, label):
                    seen.setdefault(row.group, index)
            chosen += list(seen.values())[: ROWS // 2]
    return chosen


if __name__ == "__main__":
    print(
        "| penalty | AUC | map | over random order | over random weights | |\n|---|---|---|---|---|---|"
    )
    for text in lines(Run(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/glass-study"))):
        print(text, flush=True)
