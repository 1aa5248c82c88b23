"""`structkit audit`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from structkit.cli.checking import checked
from structkit.cli.commands import as_before, check_device, folder_of
from structkit.cli.output import plugins_print_aside, say, shown_progress
from structkit.errors import Problem, SpecError
from structkit.store.files import write_text
from structkit.store.store import home_store

FORMS = (".html", ".json", ".txt")


def audit_file(
    file: Path, overrides: Sequence[str], out: Path | None, as_json: bool, train: bool, device: str
) -> bool:
    """Audit a pipeline, and say what was found.

    Returns:
        Whether anything was found that makes scores doubtful.

    Raises:
        SpecError: Y012, a file of which it is not known how it is written.
    """
    if out is not None and out.suffix not in FORMS:
        fix = f"end its name with {', '.join(FORMS)}"
        raise SpecError(
            Problem("Y012", f"'{out.name}' is no file that an audit is written to", "--out", fix)
        )
    from structkit.audit.auditing import audit
    from structkit.audit.gathering import Workshop

    pipeline = checked(file, overrides)
    check_device(pipeline, device)
    folder = folder_of(pipeline, None)
    store = home_store()
    with shown_progress() as progress, plugins_print_aside(), store.serving(folder.path):
        found = audit(Workshop(as_before(pipeline, folder), store, progress, device), train)
    text = "\n".join(found.lines())
    if out is not None:
        forms = {".html": found.as_html(), ".json": found.as_json(), ".txt": text}
        write_text(out, forms[out.suffix].rstrip() + "\n")
    say(found.as_json() if as_json else text)
    return bool(found.bad)
