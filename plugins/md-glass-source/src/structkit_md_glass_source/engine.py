"""LAMMPS in a process of its own, as one object: commands in, arrays out, its errors as exceptions."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from numpy.typing import NDArray

from structkit_md_glass_source.messages import Arrays, receive, send

WORKER = "structkit_md_glass_source.worker"


class EngineError(Exception):
    """LAMMPS refused a command, lost particles, or its process died.

    Args:
        message: LAMMPS's own words.
        step: the time step it was at.
    """

    def __init__(self, message: str, step: int) -> None:
        self.message, self.step = message, step
        super().__init__(message)


class EngineDied(EngineError):
    """The process is gone, or never got as far as answering."""


class Engine:
    """One LAMMPS, single-threaded. Use it in a `with` block, or `close` it.

    Args:
        folder: where LAMMPS reads and writes files that commands name.
    """

    def __init__(self, folder: Path) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                WORKER,
            ],  # -P: nothing in the working directory is imported
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=folder,
        )
        self._inward = cast(IO[bytes], self._process.stdin)  # they are pipes, as asked for
        self._outward = cast(IO[bytes], self._process.stdout)

    def commands(self, *lines: str) -> None:
        """Run LAMMPS commands.

        Raises:
            EngineError: one of them failed.
        """
        self._ask({"do": "commands", "lines": lines})

    def create(self, types: NDArray[Any], positions: NDArray[Any]) -> None:
        """Put particles into the box: types (particles,) from 1, positions (particles, 3) within it."""
        self._ask({"do": "create"}, {"types": types, "positions": positions})

    def state(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Positions (particles, 3) and types (particles,), in the order they were created."""
        _, arrays = self._ask({"do": "state"})
        return arrays["positions"], arrays["types"]

    def thermo(self, *names: str) -> list[float]:
        """Thermodynamic quantities by their LAMMPS names."""
        head, _ = self._ask({"do": "thermo", "names": names})
        return [head[name] for name in names]

    def _ask(
        self, head: dict[str, Any], arrays: Arrays | None = None
    ) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        try:
            send(self._inward, head, arrays)
            reply = receive(self._outward)
        except BrokenPipeError:
            reply = None
        if reply is None:
            raise EngineDied(self._last_words(), 0)
        if not reply[0]["ok"]:
            raise EngineError(reply[0]["error"], reply[0]["step"])
        return reply

    def _last_words(self) -> str:
        """Why the process is gone."""
        code = self._process.wait()
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace").strip().splitlines()
        how = (
            f"was killed by {signal.Signals(-code).name}"
            if code < 0
            else f"ended with exit status {code}"
        )
        return f"the LAMMPS process {how}" + (f": {words[-1]}" if words else "")

    @property
    def alive(self) -> bool:
        """Whether the process still answers."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        for stream in (self._inward, self._outward, self._errors):
            with contextlib.suppress(BrokenPipeError):  # what a dead process was still to be told
                stream.close()
        self._process.wait()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
