"""Locks between processes: the kernel's, or leases where the kernel's end at the host's border.

A lock of the kernel dies with its process. A lease is a file that its holder touches from time to
time: it is abandoned when its process is provably dead, or when it has not been touched for long by
the clock of the disk it lies on.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

from structkit.store.inside import make_folder, open_to_write, remove, stream_to
from structkit.store.processes import is_dead, whoami

BEAT = 15.0  # seconds between two touches of a lease
PATIENCE = 120.0  # seconds without a touch after which a lease of another host is abandoned
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF)
LOCAL_OPTIONS = {"nolock", "local_lock=all", "local_lock=flock", "localflock"}
FORCE = "STRUCTKIT_LEASES"  # set to 1, leases are used whatever the disk says of its locks


def locks_are_local(folder: Path, mounts: str | None = None) -> bool:
    """Whether the kernel's locks on this disk are unknown to other hosts that see it.

    Args:
        folder: that exists.
        mounts: what `/proc/self/mountinfo` says.
    """
    if os.environ.get(FORCE) == "1":
        return True
    with contextlib.suppress(OSError):
        mounts = (
            Path("/proc/self/mountinfo").read_text(encoding="utf-8") if mounts is None else mounts
        )
    return bool(LOCAL_OPTIONS & _options(folder.resolve(), mounts or "")) or not _can_lock(folder)


def _options(folder: Path, mounts: str) -> set[str]:
    """The options of the mount that a folder lies on."""
    best, options = -1, ""
    for line in mounts.splitlines():
        fields = line.split()
        point = fields[4].encode().decode("unicode_escape") if len(fields) > 5 else ""
        if point and folder.is_relative_to(point) and len(point) > best:
            best, options = len(point), ",".join([fields[5], fields[-1]])
    return set(options.split(","))


def _can_lock(folder: Path) -> bool:
    path = folder / f".lock-{secrets.token_hex(4)}"
    try:
        with stream_to(path, "x") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in NO_LOCKS:
            return False
        raise
    finally:
        remove(path)
    return True


_held: set[int] = set()  # handles of locks


def _let_go() -> None:
    """In a forked child: a lock is its parent's, and must not outlive it in the hands of a child."""
    for handle in _held:
        with contextlib.suppress(OSError):
            os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_let_go)


class KernelLocks:
    """Locks by `flock`."""

    @contextlib.contextmanager
    def held(self, path: Path, shared: bool = False) -> Iterator[None]:
        """Hold a lock for a block.

        Raises:
            BlockingIOError: somebody else holds it.
        """
        # over NFS a shared lock wants a file opened for reading, too
        handle = open_to_write(path, "a")
        _held.add(handle)
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            yield
        finally:
            if handle in _held:  # in a forked child it is closed already, and may be another file's
                _held.discard(handle)
                os.close(handle)


class Leases:
    """Locks by files that are touched from time to time, seen by every host that sees the disk."""

    def __init__(self, beat: float = BEAT, patience: float = PATIENCE) -> None:
        self.beat, self.patience = beat, patience

    @contextlib.contextmanager
    def held(self, path: Path, shared: bool = False) -> Iterator[None]:
        """Hold a lock for a block; raises as `KernelLocks.held` does."""
        folder = path.with_name(f"{path.name}.leases")
        make_folder(folder)
        mine = folder / f"{'shared' if shared else 'alone'}.{secrets.token_hex(4)}.{whoami()}"
        stream_to(mine, "x").close()
        process = os.getpid()
        try:
            if rival := next(self._rivals(folder, mine, shared), None):
                raise BlockingIOError(errno.EWOULDBLOCK, "held by a lease", str(rival))
            with self._beating(mine):
                yield
        finally:
            if os.getpid() == process:
                remove(mine)

    def _rivals(self, folder: Path, mine: Path, shared: bool) -> Iterator[Path]:
        """Leases of others that keep us out. Two that come at once may both step back, never both go in."""
        now = mine.stat().st_mtime
        for other in sorted(folder.iterdir()):
            if other == mine or (shared and other.name.startswith("shared.")):
                continue
            if self._abandoned(other, now):
                remove(other)
            else:
                yield other

    def _abandoned(self, lease: Path, now: float) -> bool:
        try:
            age = now - lease.stat().st_mtime  # both by the clock of the disk
        except FileNotFoundError:
            return True
        return age > self.patience or is_dead(lease.name.split(".", 2)[-1])

    @contextlib.contextmanager
    def _beating(self, lease: Path) -> Iterator[None]:
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self.beat):
                with contextlib.suppress(OSError):
                    os.utime(lease)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def locks_for(folder: Path) -> KernelLocks | Leases:
    """The locks that hold on the disk of a folder that exists."""
    return Leases() if locks_are_local(folder) else KernelLocks()
