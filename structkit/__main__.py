"""`python -m structkit`, and the `structkit` command."""

import os
import signal
import sys
from importlib.machinery import all_suffixes  # frozen: no file can take its place

# until the command line takes over: nothing is begun yet
signal.signal(signal.SIGINT, lambda *_: os._exit(130))


def _leave_working_folder() -> None:
    """`python -m` looks for modules in the working folder first: from here on nothing is imported from there.

    What it holds may have been imported already in place of Python's own, which is refused where it
    can be seen. The command `structkit` and `python -P` never look there.
    """
    here = os.getcwd()  # noqa: PTH109  (pathlib imports much that could be shadowed)
    if sys.flags.safe_path or not sys.path or sys.path[0] not in ("", here):
        return
    if os.path.dirname(os.path.dirname(os.path.abspath(__file__))) == here:  # noqa: PTH100, PTH120
        return  # structkit itself lies here: a checkout that is not installed
    if shadows := _shadows(here):
        sys.stderr.write(
            f"P022 {shadows[0]} in this folder would be imported by `python -m` in place of "
            "another module of that name; use `structkit ...` or `python -P -m structkit ...`\n"
        )
        sys.exit(2)
    sys.path.pop(0)


def _shadows(folder: str) -> list[str]:
    """What lies in a folder under a name of a module of Python's own, or of one that is imported already."""
    names = {*sys.stdlib_module_names, *(name.partition(".")[0] for name in sys.modules)}
    return [
        entry
        for entry in sorted(os.listdir(folder))  # noqa: PTH208
        if _module_in(folder, entry) in names - {"__main__"}
    ]


def _module_in(folder: str, entry: str) -> str:
    """The name of the module that a file or folder would be imported as; empty where it is none."""
    for suffix in all_suffixes():
        if entry.endswith(suffix):
            return entry.removesuffix(suffix)
        if os.path.exists(os.path.join(folder, entry, f"__init__{suffix}")):  # noqa: PTH110, PTH118
            return entry
    return ""


if __name__ == "__main__":
    _leave_working_folder()

from structkit.cli.app import main  # noqa: E402

if __name__ == "__main__":
    main()
