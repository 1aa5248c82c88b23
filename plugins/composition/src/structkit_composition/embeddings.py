"""Vectors of the elements that were learnt from the literature: mat2vec, as the package ElementEmbeddings ships it.

The package is found and not imported, which takes from 13 seconds to two minutes: the table is one
of its files.
"""

from __future__ import annotations

import csv
import functools
import hashlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.periodic_table import Element

from structkit import DataError, Problem

PACKAGE = "elementembeddings"
FILE = "data/element_representations/mat2vec.csv"
SHA256 = "5dcde1a0fe13040af99dbcb7b3d73eb022ffd085e7f598dce70844d0af83b137"  # of version 0.8.0
LENGTH = 200
ELEMENTS = 118
INSTALL = "pip install ElementEmbeddings==0.8.0, or take another of features"


@functools.lru_cache(maxsize=1)
def mat2vec_table() -> NDArray[np.float64]:
    """Read the vector of every element.

    Returns:
        float64 (118, 200): row Z - 1 holds element Z. Source: V. Tshitoyan et al., Nature 571, 95
        (2019).

    Raises:
        DataError: S033, the package is not installed, or its table is another one.
    """
    data = _file().read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        message = f"{_file()} has the digest {found[:12]}…, expected {SHA256[:12]}…"
        raise DataError(Problem("S033", message, "features: mat2vec", INSTALL))
    table = np.full((ELEMENTS, LENGTH), np.nan)
    lines = csv.reader(data.decode("utf-8").splitlines()[1:])
    for symbol, *numbers in lines:
        table[Element(symbol).Z - 1] = [float(number) for number in numbers]
    table.flags.writeable = False
    return table


def _file() -> Path:
    """The table on the disk.

    Raises:
        DataError: S033.
    """
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(folder) / FILE).is_file():
            return Path(folder) / FILE
    message = "mat2vec is a table of the package ElementEmbeddings, which is not installed"
    if spec is not None:
        message = f"the package ElementEmbeddings has no {FILE}"
    raise DataError(Problem("S033", message, "features: mat2vec", INSTALL))
