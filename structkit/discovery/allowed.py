"""Which loose plugins this user has run: marks in the user's own state folder, which no received folder can bring.

A mark is named by the path of a plugin and the digest of its code, keyed (HMAC) by a secret of this
user: who does not know the secret cannot make one, wherever they may put it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import os
import secrets
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from structkit.discovery.plugin import Plugin
from structkit.store.files import canonical, write_text
from structkit.store.inside import keep_inside, name_first, open_to_write, remove

SECRET, MARKS = "secret", "plugins"
BYTES = 32
log = logging.getLogger("structkit")


def state_folder() -> Path:
    """Where this user's programs keep what they remember, by the convention of the platform.

    Raises:
        RuntimeError: nobody knows the user's home.
    """
    named = Path(os.environ.get("XDG_STATE_HOME", ""))
    if named.is_absolute():  # the convention passes over one that is not
        return named / "structkit"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/structkit"
    return Path.home() / ".local/state/structkit"


def remember(plugins: Iterable[Plugin]) -> None:
    """Mark the loose plugins among some as run by this user, as they were run.

    Where nothing can be written, nothing is marked: `predict` and its like then ask.
    """
    loose = [plugin for plugin in plugins if plugin.file and plugin.code_digest]
    if not loose:
        return
    try:
        folder = keep_inside(state_folder())
        secret = _secret(folder) or _new_secret(folder)
        for plugin in loose:
            mark = folder / MARKS / _name(secret, Path(str(plugin.file)), plugin.code_digest)
            if not mark.exists():
                write_text(mark, f"{plugin.file}\n")
    except (OSError, RuntimeError) as error:
        log.warning("no mark of the loose plugins that were run: %s", error)


def is_remembered(file: Path, digest: str) -> bool:
    """Whether this user has run a loose plugin whose code has a digest."""
    try:
        folder = state_folder()
        secret = _secret(folder)
        if secret is None:
            return False
        return stat.S_ISREG((folder / MARKS / _name(secret, file, digest)).lstat().st_mode)
    except (OSError, RuntimeError):
        return False


def _name(secret: bytes, file: Path, digest: str) -> str:
    return hmac.new(secret, canonical([str(file), digest]), hashlib.sha256).hexdigest()


def _secret(folder: Path) -> bytes | None:
    """The secret of this user; none where it is not there, or where somebody else could know or write it."""
    try:
        handle = os.open(
            folder / SECRET, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        )
    except OSError:
        return None
    try:
        facts = os.fstat(handle)
        own = stat.S_ISREG(facts.st_mode) and facts.st_uid == os.geteuid()
        if not own or stat.S_IMODE(facts.st_mode) & 0o077 or facts.st_size != BYTES:
            return None
        return os.read(handle, BYTES)
    finally:
        os.close(handle)


def _new_secret(folder: Path) -> bytes:
    """Make the secret; of two processes that do so at once, both take the one that came first."""
    remove(folder / SECRET)
    draft = folder / f".{SECRET}.{secrets.token_hex(4)}"
    handle = open_to_write(draft, "x")
    try:
        os.fchmod(handle, 0o600)
        os.write(handle, secrets.token_bytes(BYTES))
        os.fsync(handle)
        with contextlib.suppress(FileExistsError):
            name_first(draft, folder / SECRET)
    finally:
        os.close(handle)
        remove(draft)
    made = _secret(folder)
    if made is None:
        raise OSError(f"no secret can be kept in {folder}")
    return made
