"""Which process made a draft or holds a lease, and whether it is provably dead."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

OWNER = re.compile(r"(?P<pid>[0-9]+)-(?P<start>[0-9]+)@(?P<host>.+)")


def whoami() -> str:
    """This process: `pid-start@host`. A pid that is used again has another start."""
    return f"{os.getpid()}-{_start(os.getpid())}@{_host()}"


def is_dead(owner: str) -> bool:
    """Whether a process of this host is gone; of another host nobody here knows."""
    parts = OWNER.fullmatch(owner)
    if parts is None or parts["host"] != _host():
        return False
    return _start(int(parts["pid"])) != int(parts["start"])


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", socket.gethostname())


def _start(pid: int) -> int:
    """When a process started, in ticks since the machine did; 0 where the system does not say, -1 for none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0 if not Path("/proc/self").exists() and _exists(pid) else -1
    except OSError:
        return 0
    return -1 if fields[0] == "Z" else int(fields[19])


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
