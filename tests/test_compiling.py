"""Functions of plugins become machine code."""

import pytest

from structkit.compiling import compiled

pytest.importorskip("numba", reason="no plugin that compiles is installed")


def double(x):
    return 2 * x


def test_a_function_is_compiled_for_the_types_that_are_said():
    assert compiled("float64(float64)")(double)(21) == 42.0
    assert compiled(fastmath=True)(double)(21) == 42


def test_it_compiles_where_nothing_can_be_kept():
    """numba refuses to keep a function without a writable place; one without a file has none."""
    space = {}
    exec("def double(x):\n    return 2 * x", space)
    assert compiled("float64(float64)")(space["double"])(21.0) == 42.0
