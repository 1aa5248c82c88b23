"""What things cost in rows, counted in operations: nothing grows faster than the rows that it is about."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from structkit.data.merging import write_table
from structkit.data.table import Table

PATH = Path(__file__).parent / "benchmarks/table_scale.py"
spec = importlib.util.spec_from_file_location("table_scale", PATH)
scale = importlib.util.module_from_spec(spec)
spec.loader.exec_module(scale)
SMALL, LARGE = 2, 8  # thousands of rows


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scale")
    for thousands in (SMALL, LARGE):
        write_table([scale.shard(number) for number in range(thousands)], folder / str(thousands))
    return folder


def operations(action):
    action()  # what is imported at the first call is not counted
    return scale.counted(action)[0]


def test_opening_and_reading_some_rows_cost_the_same_in_any_table(tables):
    def some(thousands):
        table = Table.open(tables / str(thousands))
        return [
            (table.rows[row].id, table.rows[row].group, table.item("vector", row))
            for row in range(500, 532)
        ]

    for action in (lambda n: Table.open(tables / str(n)), some):
        small, large = (operations(lambda n=n, action=action: action(n)) for n in (SMALL, LARGE))
        assert large <= 1.01 * small, (
            f"{small} operations in {SMALL},000 rows, {large} in {LARGE},000"
        )


def test_stacking_is_one_gather(tables):
    for rows in (None, np.arange(1000)[::-1]):
        few, many = (
            operations(lambda n=n, rows=rows: Table.open(tables / str(n)).stack("vector", rows))
            for n in (SMALL, LARGE)
        )
        assert many <= 1.05 * few and few < 600


def test_joining_and_listing_are_linear(tables, tmp_path):
    parts = [scale.shard(number) for number in range(LARGE)]
    few, many = (
        operations(lambda n=n: write_table(parts[:n], tmp_path / str(n))) for n in (SMALL, LARGE)
    )
    assert many <= 1.1 * few * LARGE / SMALL
    few, many = (operations(lambda n=n: Table.open(tables / str(n)).groups) for n in (SMALL, LARGE))
    assert many <= 1.1 * few * LARGE / SMALL


def test_a_shard_of_a_step_costs_the_same_in_any_table(cli, here):
    """A piece of the toy descriptor, over five rows: whatever else the table holds."""
    counts = {}
    for groups in (4, 24):
        text = (here / "toy.yaml").read_text()
        (here / "some.yaml").write_text(
            text.replace("groups: 6", f"groups: {groups}").replace("name: toy", "name: some")
        )
        counts[groups] = _operations_of_a_piece(here / "some.yaml")
    assert counts[24] <= 1.05 * counts[4], counts


def _operations_of_a_piece(path):
    from structkit.cli.checking import checked
    from structkit.engine.jobs import build_jobs
    from structkit.engine.pieces import Input, Piece, perform
    from structkit.engine.progress import PlainProgress
    from structkit.engine.runner import Runner
    from structkit.store.run_folder import RunFolder
    from structkit.store.store import Store

    pipeline, store = checked(path, ()), Store(path.parent / ".structkit")
    Runner(
        pipeline, RunFolder(path.parent / "out", chosen=False), store, PlainProgress(), only="noisy"
    ).run()
    job = next(job for job in build_jobs(pipeline).jobs if job.work == "descriptor")
    inputs = (Input(store.open(job.inputs[0].key).folder, job.origin, "source"),)
    place = path.parent / job.key
    pieces = iter([Piece(job, number, (0, 5), place / str(number), inputs) for number in range(3)])
    return operations(lambda: perform(next(pieces)))


def test_profile_hook_is_left_as_it_was():
    assert sys.getprofile() is None
