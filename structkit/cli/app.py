"""The command line: verbs with their options. Imports happen inside the verbs, so that `--help` costs nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn, Optional

import typer

from structkit import stopping
from structkit.cli.options import (
    Allowed,
    Device,
    File,
    Json,
    Loose,
    Method,
    OnBad,
    Out,
    Paranoid,
    Place,
    Set,
    Workers,
)
from structkit.cli.plugins_app import plugins_app
from structkit.cli.process import ended, prepare
from structkit.cli.store_app import store_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Recognise and explain the structure of materials. Begin with `structkit recognise FILES`, "
    "which needs no training, or with `structkit run examples/crystals.yaml`.",
)
app.add_typer(plugins_app, name="plugins")
app.add_typer(store_app, name="store")


def main() -> NoReturn:
    """Run the command line; a user's mistake ends with a message and an exit code, never with a traceback."""
    stopping.heed()
    prepare()
    debug = "--debug" in sys.argv
    sys.argv[:] = [argument for argument in sys.argv if argument != "--debug"]
    ended(app, debug)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="show the version")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="show tracebacks")] = False,
) -> None:
    if version:
        from structkit import __version__

        typer.echo(f"structkit {__version__}")
        raise typer.Exit


@app.command()
def run(
    file: File,
    set_: Set = None,
    out: Out = None,
    workers: Workers = 1,
    only: Annotated[Optional[str], typer.Option("--only", help="stop after this step")] = None,  # noqa: UP007, UP045
    device: Device = "cpu",
    executor: Place = None,
    paranoid: Paranoid = False,
) -> None:
    """Run a pipeline. What has been computed before is not computed again."""
    if workers > 1 and executor in (None, "processes"):
        from structkit.engine.forks import fork_server

        fork_server()  # it imports what every run needs while we do and check the pipeline
    from structkit.cli.commands import run_pipeline

    run_pipeline(file, set_ or (), out, workers, only, device, executor, paranoid)


@app.command()
def shards(
    file: File,
    part: Annotated[str, typer.Option("--part", help="which of how many: 3/8")],
    set_: Set = None,
    device: Device = "cpu",
    patience: Annotated[
        float, typer.Option("--patience", min=0, help="seconds to wait for the other parts")
    ] = 3600.0,
) -> None:
    """Do one part of a run: an array of jobs, without a server."""
    from structkit.cli.sharing import do_part

    do_part(file, part, set_ or (), device, patience)


@app.command()
def plan(
    file: File,
    set_: Set = None,
    out: Out = None,
    device: Device = "cpu",
    json: Json = False,
    cost: Annotated[
        bool, typer.Option("--cost", help="estimate time, memory and disk from a sample of rows")
    ] = False,
    rows: Annotated[
        int, typer.Option("--rows", min=8, help="of each source in the sample of --cost")
    ] = 200,
) -> None:
    """Say what a run would compute, and why; or what it would take."""
    if cost:
        from structkit.cli.costing import show_cost

        show_cost(file, set_ or (), out, rows, json)
    else:
        from structkit.cli.commands import show_plan

        show_plan(file, set_ or (), out, device, json)


@app.command()
def validate(file: File, set_: Set = None) -> None:
    """Check a pipeline file, and the files that its sources read. Every problem is told at once."""
    from structkit.cli.checking import validate_file

    validate_file(file, set_ or ())


@app.command()
def audit(
    file: File,
    set_: Set = None,
    train: Annotated[
        bool, typer.Option("--train", help="train the models under every hold-out, and compare")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="write it to a file: .html, .json or .txt")
    ] = None,  # noqa: UP007, UP045
    strict: Annotated[
        bool, typer.Option("--strict", help="exit with 3 when something is found")
    ] = False,
    device: Device = "cpu",
    json: Json = False,
) -> None:
    """Say what could make scores look better than they are."""
    from structkit.cli.auditing import audit_file

    if audit_file(file, set_ or (), out, json, train, device) and strict:
        raise typer.Exit(3)


@app.command()
def predict(
    run_folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="run folder with a trained model")
    ],
    files: Annotated[
        list[Path], typer.Argument(help="structure files, folders of them, or quoted patterns")
    ],
    model: Annotated[
        str | None, typer.Option("--model", help="model step, if there are several")
    ] = None,  # noqa: UP007, UP045
    origin: Annotated[
        str | None, typer.Option("--origin", help="prepare the structures as this origin")
    ] = None,  # noqa: UP007, UP045
    on_bad: Annotated[
        OnBad, typer.Option("--on-bad", help="a file that cannot be used: stop, or list it")
    ] = OnBad.refuse,
    csv: Annotated[Path | None, typer.Option("--csv", help="write a table")] = None,  # noqa: UP007, UP045
    extxyz: Annotated[
        Path | None, typer.Option("--extxyz", help="write the structures with what was predicted")
    ] = None,  # noqa: UP007, UP045
    device: Device = "cpu",
    allow_plugin: Allowed = None,
    json: Json = False,
) -> None:
    """Say what new structures are, by a trained run. Its guards say what that is worth."""
    from structkit.cli.predicting import Asked, predict_files

    skip, allowed = on_bad is OnBad.skip, allow_plugin or ()
    predict_files(Asked(run_folder, files, model, origin, allowed, json, csv, extxyz, skip, device))


@app.command()
def recognise(
    files: Annotated[
        list[Path], typer.Argument(help="structure files, folders of them, or quoted patterns")
    ],
    model: Annotated[
        str | None, typer.Option("--model", help="ready model; default: the first installed")
    ] = None,  # noqa: UP007, UP045
    on_bad: Annotated[
        OnBad, typer.Option("--on-bad", help="a file that cannot be used: stop, or list it")
    ] = OnBad.refuse,
    csv: Annotated[Path | None, typer.Option("--csv", help="write a table")] = None,  # noqa: UP007, UP045
    extxyz: Annotated[
        Path | None,
        typer.Option("--extxyz", help="write the structures with what each atom is"),
    ] = None,  # noqa: UP007, UP045
    report: Annotated[Path | None, typer.Option("--report", help="write one page (HTML)")] = None,  # noqa: UP007, UP045
    workers: Workers = 1,
    executor: Place = None,
    json: Json = False,
) -> None:
    """Say which lattice each atom belongs to. The model is ready to use."""
    from structkit.cli.recognising import Wanted, recognise_files

    skip = on_bad is OnBad.skip
    recognise_files(Wanted(files, model, skip, csv, extxyz, report, workers, executor, json))


@app.command()
def report(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="run folder")],
    allow_plugin: Allowed = None,
) -> None:
    """Write a run's report again."""
    from structkit.cli.commands import write_again

    write_again(run_folder, allow_plugin or ())


@app.command()
def explore(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="run folder")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="the file, or a folder for explore.html; default: the run folder"
        ),
    ] = None,  # noqa: UP007, UP045
    rows: Annotated[
        int, typer.Option("--rows", min=1, max=20_000, help="at most so many, drawn at random")
    ] = 1000,
    model: Annotated[
        str | None, typer.Option("--model", help="whose predictions; default: the first model's")
    ] = None,  # noqa: UP007, UP045
    method: Annotated[
        Method, typer.Option("--map", help="how features are laid out: pca, umap (if installed)")
    ] = Method.pca,
) -> None:
    """Write a page of structures in 3-D beside a map of features."""
    from structkit.cli.exploring import explore_run

    explore_run(run_folder, out, rows, model, method.value)


@app.command()
def verify(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="run folder")],
    rerun: Annotated[
        bool, typer.Option("--rerun", help="make it again, elsewhere, and compare every byte")
    ] = False,
    workers: Workers = 1,
    allow_plugin: Allowed = None,
) -> None:
    """Check every byte of a run. With --rerun: whether making it again gives the same bytes."""
    from structkit.cli.commands import verify as verify_folder

    verify_folder(run_folder, rerun, workers, allow_plugin or ())


@app.command()
def schema(
    write: Annotated[
        bool, typer.Option("--write", help="write structkit.schema.json into this folder")
    ] = False,
    file: Loose = None,
) -> None:
    """Print the JSON Schema of pipeline files, with all settings."""
    from structkit.cli.checking import show_schema

    show_schema(write, file or ())


@app.command()
def selftest(
    folder: Annotated[
        Path, typer.Argument(help="a folder on the disk to test", exists=True, file_okay=False)
    ] = Path(),
    seconds: Annotated[
        float, typer.Option("--seconds", min=0, help="after so many, fewer kills and flips")
    ] = 60.0,
) -> None:
    """Test this disk: kill runs, flip bits, race. Say whether results can be trusted here."""
    from structkit.cli.commands import selftest as test_disk

    test_disk(folder, seconds)


@app.command("new-plugin")
def new_plugin(
    name: Annotated[str, typer.Argument(help="of the component, such as bond-order")],
    kind: Annotated[
        str,
        typer.Option("--kind", help="source, transform, descriptor, model, explainer, or event"),
    ],
    into: Annotated[Path, typer.Option("--into", help="parent of the new folder")] = Path(),
) -> None:
    """Write a plugin to start from. It installs, runs the pipeline that it ships, and passes its tests."""
    from structkit.discovery.scaffold.writing import new_plugin as write

    folder = write(name, kind, into)
    typer.echo(
        f"{folder}: next, pip install -e '{folder}[test]', then structkit run {folder / 'pipeline.yaml'}"
    )
