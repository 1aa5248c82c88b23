"""What a process has for everybody is looked at before a call of a component, and put back afterwards.

What one component sets there would change the numbers of all others, and those of one process from
those of two. docs/trust.md lists what is looked at; `structkit.process_settings` reads and sets it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from structkit import stopping
from structkit.errors import listed, printable
from structkit.process_settings import MISSING, Setting, settings
from structkit.workers import News, tell

log = logging.getLogger("structkit")
Changes = list[tuple[Setting, Any]]  # settings with what they are now


class Snapshot:
    """The settings of this process as they were at one moment."""

    def __init__(self) -> None:
        self.modules = len(sys.modules)
        self.settings = settings()
        self.values = [setting.read() for setting in self.settings]

    def changed(self) -> Changes:
        """The settings that are not as they were, with what they are now."""
        now_there = settings()
        if now_there is self.settings:
            usual = self.values
        else:  # a library was imported meanwhile
            known = dict(zip(self.settings, self.values, strict=True))
            usual = [known.get(setting, setting.usual) for setting in now_there]
        changed = []
        for setting, before in zip(now_there, usual, strict=True):
            now = setting.read()
            if before is not MISSING and now != before:
                changed.append((setting, now))
        return changed

    def appeared(self) -> set[str]:
        """Words of settings that were not there, and of which nobody knows what they usually are."""
        known = {setting.words for setting in self.settings}
        return {s.words for s in settings() if s.words not in known and s.usual is MISSING}

    def put_back(self) -> Changes:
        """Set everything to what it was; returns what had been changed."""
        changed = self.changed()
        known = dict(zip(self.settings, self.values, strict=True)) if changed else {}
        for setting, _ in changed:
            setting.write(known.get(setting, setting.usual))
        return changed

    def meant(self, changes: Changes) -> Changes:
        """Those that no import explains: what a library sets while it is imported decides no number."""
        imported = len(sys.modules) != self.modules
        return [change for change in changes if not (imported and change[0].quiet)]

    def quiet(self, changes: Changes) -> list[str]:
        """The words of those that decide no number; none where an import explains them."""
        return [setting.words for setting, _ in self.meant(changes) if setting.quiet]


def loud(changes: Changes) -> list[str]:
    """The words of those that decide numbers, or whether a run can be stopped."""
    return [setting.words for setting, _ in changes if not setting.quiet]


def resume(changes: Changes) -> None:
    """Set again what somebody had set for itself."""
    for setting, value in changes:
        setting.write(value)


def tell_of(who: str, when: str, words: Sequence[str]) -> None:
    """Tell whoever shows the progress, and so the log, what somebody has set for everybody.

    It is no note of a result: which process imports a library first must change no byte.
    """
    if words:
        tell(News(_text(who, when, words)))


def _text(who: str, when: str, words: Sequence[str]) -> str:
    return f"warning P018 {who} set {listed(words)} for everybody {when}; put back"


@contextmanager
def left_as_found(who: str, when: str) -> Iterator[None]:
    """Put back what a block of a plugin's code has set for everybody, with a warning; a stop is not swallowed."""
    stopping.check()
    before = Snapshot()
    try:
        yield
    finally:
        changes = before.put_back()
        stopping.check()
    if words := [*loud(changes), *before.quiet(changes)]:
        log.info("%s", _text(who, when, words))  # in the log of a run, where there is one
        sys.stderr.write(f"{printable(_text(who, when, words))}\n")
