"""What can be said of a row, in one file: ranks; and a model that says them."""

import json

import numpy as np

from structkit import Model, Target, hookimpl
from structkit.evaluation.target import Headline, Truth, fixed

STRUCTKIT_API = 1
HERE = __name__


class Ranks:
    """The order of the rows by a noted number, as shares of the rows."""

    def __init__(self, name):
        self.name = name

    def truth(self, features, structures):
        noted = np.array(
            [meta.get(self.name, np.nan) for meta in features.values("meta")], dtype=float
        )
        known = np.isfinite(noted)
        return Truth(known, ["all" if one else None for one in known], noted)

    def check(self, truth, features):
        assert truth.known.any()

    def for_training(self, features, truth):
        return features.with_arrays(target=truth.values)

    def arrays(self, predicted, model, features, truth):
        return {
            "rank": fixed(np.asarray(predicted, dtype=float)),
            "noted": fixed(truth.values.astype(float)),
        }

    def facts(self, model, truth, features):
        return {"target": self.name}

    def scored(self, predictions):
        return np.isfinite(predictions.stack("noted"))

    def scores(self, facts, predictions):
        noted, rank = predictions.stack("noted"), predictions.stack("rank")
        order = np.corrcoef(np.argsort(np.argsort(noted)), np.argsort(np.argsort(rank)))[0, 1]
        return {
            "n": len(noted),
            "groups": len(set(predictions.groups)),
            "rank_correlation": float(order),
        }

    def columns(self, facts):
        return ["rank"]

    def cells(self, facts, predictions, index):
        return [f"{float(predictions.item('rank', index)):.3f}"]

    def headlines(self, scores):
        return [Headline("rank_correlation", "rank correlation", scores["rank_correlation"])]


class ByLength:
    """Says that the first component of a vector is the order."""

    def fit(self, train, valid, context):
        self.sign = float(
            np.sign(np.corrcoef(train.stack("vector")[:, -1], train.stack("target"))[0, 1])
        )
        yield {"train_loss": 0.0}

    def predict(self, features):
        return self.sign * features.stack("vector")[:, -1]

    def save(self, folder):
        (folder / "sign.json").write_text(json.dumps(self.sign))

    def load(self, folder):
        self.sign = json.loads((folder / "sign.json").read_text())


@hookimpl
def structkit_targets():
    yield Target(name="ranks", build=f"{HERE}:Ranks", summary="an order of the rows")


@hookimpl
def structkit_models():
    yield Model(
        name="by-length",
        accepts=("vector",),
        predicts="ranks",
        build=f"{HERE}:ByLength",
        summary="an order",
    )
