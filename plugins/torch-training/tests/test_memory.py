"""Memory is kept where the C library can, and where nobody forbids it."""

import ctypes

import pytest

from structkit_torch_training import memory


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="another C library")
def test_memory_is_kept_unless_it_is_forbidden(monkeypatch):
    asked = []
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: Library(asked))
    assert memory.keep_memory.__wrapped__() and asked == [(-4, 0), (-1, 2**31 - 1)]
    monkeypatch.setenv(memory.VARIABLE, "0")
    assert not memory.keep_memory.__wrapped__() and len(asked) == 2


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    assert memory.keep_memory.__wrapped__() is False


class Library:
    def __init__(self, asked):
        self.asked = asked

    def mallopt(self, option, value):
        self.asked.append((option, value))
        return 1
