"""The one way to write: below its root, through no link, into a file that has no second name.

A folder may come from a stranger: a link in it, or a second name of a file, would lead our bytes to
a place that the stranger chose. So every folder on the way from a root to a file is opened by its
name in the folder above (`dir_fd`, `O_NOFOLLOW`), which also holds while somebody exchanges them.
What lies above a root is the user's: there links are followed as everywhere.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

from structkit.errors import Problem, SpecError

Mode = Literal["w", "a", "x"]  # anew, at the end (also read), only if it is not there
_FLAGS = {
    "w": os.O_WRONLY | os.O_CREAT,
    "a": os.O_RDWR | os.O_CREAT | os.O_APPEND,
    "x": os.O_WRONLY | os.O_CREAT | os.O_EXCL,
}
# a pipe that somebody has put there is neither waited for nor taken for a terminal
_SAFE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_FOLDER = (errno.ELOOP, errno.ENOTDIR, errno.EMLINK)
Identity = tuple[int, int]  # of a folder, by whatever name: its device and inode
_roots: dict[Path, Identity | None] = {}


def keep_inside(root: Path) -> Path:
    """From now on this process writes below a folder through no link, and into no other in its place.

    Returns:
        The folder, absolute.
    """
    path = root.absolute()
    with contextlib.suppress(OSError):
        facts = path.stat()
        _roots[path] = (facts.st_dev, facts.st_ino)
        return path
    _roots[path] = None  # it is not there yet: the one that will be made
    return path


@contextlib.contextmanager
def kept_inside(root: Path) -> Iterator[None]:
    """`keep_inside` for a block; afterwards another folder may lie there."""
    path = keep_inside(root)
    try:
        yield
    finally:
        _roots.pop(path, None)


def open_to_write(path: Path, mode: Mode = "w") -> int:
    """A handle of a regular file with one name, below its root; folders on the way are made.

    Raises:
        SpecError: R008, a link, a pipe, a device, or a file that has a second name.
        OSError: the disk refuses.
    """
    with handle_of(path.parent, make=True) as folder:
        with contextlib.suppress(FileNotFoundError):
            _require_plain(path, os.stat(path.name, dir_fd=folder, follow_symlinks=False))
        try:
            handle = os.open(path.name, _FLAGS[mode] | _SAFE, 0o666, dir_fd=folder)
        except OSError as error:
            if error.errno in (*_NO_FOLDER, errno.ENXIO):
                raise _refuse(path, "is no regular file") from error
            raise _placed(error, path) from error
    try:
        _require_plain(path, os.fstat(handle))
        if mode == "w":
            os.ftruncate(handle, 0)
    except BaseException:
        os.close(handle)
        raise
    return handle


def stream_to(path: Path, mode: Mode = "w") -> IO[bytes]:
    """A stream of bytes into a file; raises as `open_to_write` does."""
    return os.fdopen(open_to_write(path, mode), "wb" if mode != "a" else "ab")


def text_to(path: Path, mode: Mode = "w") -> IO[str]:
    """A stream of text in UTF-8 into a file; raises as `open_to_write` does."""
    handle = open_to_write(path, mode)
    return os.fdopen(handle, "w" if mode != "a" else "a", encoding="utf-8")


def make_folder(folder: Path, new: bool = False) -> Path:
    """Make a folder below its root, and those above it.

    Args:
        folder: the folder.
        new: whether it must not be there.

    Raises:
        SpecError: R008, a link or a file stands in the way.
        FileExistsError: it is there, and should be new.
    """
    if new:
        with handle_of(folder.parent, make=True) as above:
            os.mkdir(folder.name, dir_fd=above)
    else:
        with handle_of(folder, make=True):
            pass
    return folder


def remove(path: Path, strict: bool = False) -> None:
    """Take away a file, a folder with all that is in it, or a link itself; what is not there is gone.

    Args:
        path: what goes.
        strict: whether what cannot be removed is an error.

    Raises:
        SpecError: R008, the way there leads through a link.
    """
    with contextlib.suppress(FileNotFoundError), handle_of(path.parent) as folder:
        if stat.S_ISDIR(os.stat(path.name, dir_fd=folder, follow_symlinks=False).st_mode):
            shutil.rmtree(path.name, ignore_errors=not strict, dir_fd=folder)
        else:
            os.unlink(path.name, dir_fd=folder)


def move(source: Path, target: Path) -> None:
    """Rename a file or folder, in place of a file that is there; raises as `os.replace` and `make_folder` do."""
    with handle_of(source.parent) as here, handle_of(target.parent, make=True) as there:
        os.replace(source.name, target.name, src_dir_fd=here, dst_dir_fd=there)


def name_first(source: Path, target: Path) -> None:
    """Give a file a name that nothing has yet.

    Raises:
        FileExistsError: somebody was faster.
    """
    with handle_of(source.parent) as here, handle_of(target.parent) as there:
        names = source.name, target.name
        os.link(*names, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False)


def link_or_copy(source: Path, target: Path) -> None:
    """Show a stored file at a second place: a hard link where the disk allows, else a copy."""
    with handle_of(target.parent, make=True) as folder:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target.name, dir_fd=folder)
        try:
            os.link(source, target.name, dst_dir_fd=folder, follow_symlinks=False)
        except OSError:
            with source.open("rb") as stored, stream_to(target, "x") as shown:
                shutil.copyfileobj(stored, shown)


@contextlib.contextmanager
def handle_of(folder: Path, make: bool = False) -> Iterator[int]:
    """A handle of a folder, reached from its root through folders alone.

    Args:
        folder: the folder.
        make: whether it is made, with those above it, where it is not there.

    Raises:
        SpecError: R008, a link or a file stands in the way.
        OSError: the disk refuses, or the folder is not there.
    """
    root = _root_of(folder.absolute())
    names = folder.absolute().relative_to(root).parts
    if ".." in names and root in _roots:
        raise _refuse(folder, f"leads out of {root}")
    if make and _roots.get(root) is None:
        root.mkdir(parents=True, exist_ok=True)
    handle = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
    try:
        _require_same(root, os.fstat(handle))
        place = root
        for name in names:
            place = place / name
            handle = _stepped(handle, place, make)
        yield handle
    finally:
        os.close(handle)


def _stepped(above: int, place: Path, make: bool) -> int:
    """The handle of a folder in another, whose own handle is then closed."""
    try:
        handle = _entered(above, place.name, make)
    except OSError as error:
        if error.errno in _NO_FOLDER:
            facts = os.stat(place.name, dir_fd=above, follow_symlinks=False)
            raise _refuse(place, _what(facts, "no folder")) from error
        raise _placed(error, place) from error
    os.close(above)
    return handle


def _require_same(root: Path, facts: os.stat_result) -> None:
    """Refuse a folder that lies where another was when it became a root."""
    here = facts.st_dev, facts.st_ino
    if root in _roots and _roots[root] is None:
        _roots[root] = here
    if _roots.get(root, here) != here:
        raise FileNotFoundError(errno.ENOENT, "another folder lies in its place", str(root))


def _entered(above: int, name: str, make: bool) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=above)
    except FileNotFoundError:
        if not make:
            raise
    with contextlib.suppress(FileExistsError):  # somebody was faster
        os.mkdir(name, dir_fd=above)
    return os.open(name, _FOLDER, dir_fd=above)


def _root_of(path: Path) -> Path:
    """The nearest root above a path; of a path without one, the nearest folder that is there."""
    above = [path, *path.parents]
    for folder in above:
        if folder in _roots:
            return folder
    return next(folder for folder in above if folder.is_dir())


def _require_plain(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise _refuse(path, _what(facts, "no regular file"))
    if facts.st_nlink > 1:
        raise _refuse(path, "has a second name (a hard link), which would be written to as well")


def _what(facts: os.stat_result, otherwise: str) -> str:
    return f"is {'a symbolic link' if stat.S_ISLNK(facts.st_mode) else otherwise}"


def _refuse(path: Path, what: str) -> SpecError:
    fix = "nothing is written there; look where it came from, and take it away"
    return SpecError(Problem("R008", what, _shown(path), fix))


def _placed(error: OSError, path: Path) -> OSError:
    """The same error with the whole path, where only the name in its folder was said."""
    return OSError(error.errno, error.strerror, _shown(path))


def _shown(path: Path) -> str:
    """A path as a person in the working folder would write it."""
    with contextlib.suppress(OSError, ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)
