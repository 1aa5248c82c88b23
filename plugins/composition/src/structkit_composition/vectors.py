"""A composition as a vector: a library, and what the descriptor and the source call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.periodic_table import Element

from structkit_composition.elements import ELEMENTS, PROPERTIES, property_table, random_table
from structkit_composition.embeddings import LENGTH, mat2vec_table
from structkit_composition.settings import Features

Vector = NDArray[np.float64]
SYMBOL = re.compile("[A-Z][a-z]?")
STATISTICS = ("mean", "mean deviation", "range")
TABLES = {"properties": property_table, "random": random_table, "mat2vec": mat2vec_table}


def vector(composition: str | Mapping[str, float], features: Features = "properties") -> Vector:
    """Describe a composition by numbers that depend on its atomic fractions alone.

    With fractions f_i and a property p_i of each element, the statistics are the mean m = Σ f_i
    p_i, the mean deviation Σ f_i |p_i - m| and the range max p_i - min p_i. Source: L. Ward et al.,
    npj Comput. Mater. 2, 16028 (2016), who take more statistics of other tables.

    Args:
        composition: a formula such as `Al2O3`, or amounts by symbol such as `{"Al": 2, "O": 3}`.
        features: `properties` or `random`, float64 (66,); `fractions`, float64 (118,); `mat2vec`,
            float64 (600,).

    Raises:
        DataError: S033, `mat2vec` without the package ElementEmbeddings.
        ValueError: the formula cannot be read, a symbol is no element, or an amount is not
            positive.
    """
    amounts = amounts_of(composition) if isinstance(composition, str) else composition
    fractions = _fractions(amounts)
    if features == "fractions":
        return fractions
    return _statistics(fractions, TABLES[features]())


def labels(features: Features = "properties") -> list[str]:
    """Name every entry of `vector`, in order, with its unit where it has one."""
    if features == "fractions":
        return [f"fraction of {Element.from_Z(number).symbol}" for number in range(1, ELEMENTS + 1)]
    names = [f"random number {number}" for number in range(1, len(PROPERTIES) + 1)]
    if features == "mat2vec":
        names = [f"mat2vec {number}" for number in range(1, LENGTH + 1)]
    if features == "properties":
        names = [
            f"{quantity.name} [{quantity.unit}]" if quantity.unit else quantity.name
            for quantity in PROPERTIES
        ]
    return [f"{statistic} of {name}" for statistic in STATISTICS for name in names]


def named(settings: Mapping[str, Any]) -> list[str]:
    """Name the numbers that a step with these settings makes."""
    return labels(settings["features"])


def amounts_of(formula: str) -> dict[str, float]:
    """Read a formula: the amount of every element by its symbol.

    Raises:
        ValueError: it cannot be read, or names an element of which there is nothing.
    """
    from pymatgen.core.composition import Composition

    amounts = dict(Composition(formula).get_el_amt_dict())
    if nothing := sorted(set(SYMBOL.findall(formula)) - set(amounts)):
        raise ValueError(f"the amount of {nothing[0]} is 0, expected a positive number")
    return amounts


def _fractions(amounts: Mapping[str, float]) -> Vector:
    """Share the amounts out, float64 (118,): entry Z - 1 is the atomic fraction of element Z."""
    values = np.zeros(ELEMENTS)
    for symbol, amount in amounts.items():
        if not (np.isfinite(amount) and amount > 0):
            raise ValueError(f"the amount of {symbol} is {amount}, expected a positive number")
        values[Element(symbol).Z - 1] += amount
    if not amounts:
        raise ValueError("a composition without elements")
    shares: Vector = values / values.sum()
    return shares


def _statistics(fractions: Vector, table: Vector) -> Vector:
    """Mean, mean deviation and range of each column of a table (118, k) over the elements present: (3 k,)."""
    present = np.flatnonzero(fractions)
    weights, values = fractions[present], table[present]
    mean = weights @ values
    deviation = weights @ np.abs(values - mean)
    return np.concatenate([mean, deviation, np.ptp(values, axis=0)])
