"""Runs spread over a cluster by dask (Rocklin, Proc. 14th Python in Science Conf. (2015), 130)."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_dask_executor.executor import Dask

__all__ = ["Dask"]
__getattr__ = exports(__name__, Dask="executor")
