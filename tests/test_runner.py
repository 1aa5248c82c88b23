"""Running: cached, resumed, the same bytes whatever happens, and failures that name who and where."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from structkit.store.processes import _host

COUNT = "import pathlib, os; pathlib.Path('calls').open('a').write('x')\n"


def bytes_of_store(folder):
    root = folder / ".structkit" / "store"
    return {
        str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()
    }


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_run_makes_everything_the_docs_promise(cli, here):
    result = cli("run", "toy.yaml")
    assert result.code == 0, result
    run = here / "runs" / "toy"
    for name in (
        "pipeline.yaml",
        "resolved.yaml",
        "run.json",
        "provenance.json",
        "references.bib",
        "run.log",
        "done.json",
    ):
        assert (run / name).is_file(), name
    assert (run / "pipeline.yaml").read_bytes() == (here / "toy.yaml").read_bytes()
    assert (
        "centroid · crystals · test: accuracy" in result.out
        and "centroid · noisy · test" in result.out
    )
    metrics = json.loads((run / "steps/centroid/metrics.json").read_text())
    assert set(metrics["origins"]) == {"crystals", "noisy"}
    header, first, *_ = (run / "steps/centroid/predictions.csv").read_text().splitlines()
    assert header == "id,origin,group,subset,label,predicted,p_bcc,p_fcc,p_sc"
    assert len(first.split(",")) == 9
    provenance = json.loads((run / "provenance.json").read_text())
    assert provenance["threads"] == 1 and provenance["libraries"]["numpy"] and provenance["argv"]
    assert all(fact["seconds"] >= 0 and fact["peak_memory_mib"] > 0 for fact in provenance["steps"])


@pytest.mark.slow
def test_cells_of_predictions_are_no_formulas(cli, here):
    code = (here / "toy_plugin.py").read_text().replace('f"{task.id}-{k}"', 'f"=cmd|{task.id}-{k}"')
    (here / "toy_plugin.py").write_text(code)
    cli("run", "toy.yaml")
    lines = (here / "runs/toy/steps/centroid/predictions.csv").read_text().splitlines()[1:]
    assert all(line.startswith("'=cmd|") for line in lines)


def test_library_reads_a_run(cli, here):
    from structkit.run import Run

    cli("run", "toy.yaml")
    run = Run(here / "runs" / "toy")
    table = run.table("vector")
    assert len(table) == 72 and {row.origin for row in table.rows} == {"crystals", "noisy"}
    assert table.stack("vector").shape == (72, 12) and table.item("pairs", 0).shape[1] == 1
    assert run.history("centroid")[-1]["epoch"] == 3
    parts = {row.group: row.subset for row in run.predictions("centroid").rows}
    assert set(parts.values()) == {"train", "valid", "test"}
    explained = run.table("why")
    assert all(parts[row.group] == "test" for row in explained.rows)


def test_finished_run_is_found_and_nothing_made(cli, here):
    cli("run", "toy.yaml")
    before = {
        p: p.stat().st_mtime_ns
        for p in here.rglob("*")
        if p.is_file() and p.name not in (".lock", "run.log")
    }
    again = cli("run", "toy.yaml")
    assert again.code == 0 and "..." not in again.err
    after = {p: p.stat().st_mtime_ns for p in before}
    assert {p.name for p in before if before[p] != after[p] and "locks" not in str(p)} == set()


@pytest.mark.slow
def test_changed_model_reuses_the_features_and_plan_says_why(cli, here):
    cli("run", "toy.yaml")
    edit(here / "toy.yaml", "epochs: 3", "epochs: 4")
    plan = cli("plan", "toy.yaml").out
    states = {
        line[7:45].strip(): line[:7].strip()
        for line in plan.splitlines()
        if line[:6] in ("run   ", "cached")
    }
    assert states["vector [crystals]"] == states["vector [noisy]"] == states["crystals"] == "cached"
    assert states["centroid training"] == states["why [noisy]"] == "run"
    assert "settings.epochs: 3 → 4" in plan and "because centroid training runs" in plan
    result = cli("run", "toy.yaml")
    assert result.code == 0 and "vector" not in result.err and "centroid training" in result.err


@pytest.mark.slow
def test_renamed_step_is_found(cli, here):
    cli("run", "toy.yaml")
    for old, new in (("  vector:", "  features:"), ("from: vector", "from: features")):
        edit(here / "toy.yaml", old, new)
    result = cli("run", "toy.yaml")
    assert result.code == 0 and "..." not in result.err
    assert (here / "runs/toy/steps/features").is_dir() and not (
        here / "runs/toy/steps/vector"
    ).exists()


def test_resolved_file_repeats_the_run(cli, here):
    cli("run", "toy.yaml")
    before = bytes_of_store(here)
    result = cli("run", "runs/toy/resolved.yaml", "--out", "again")
    assert result.code == 0 and "..." not in result.err, result
    assert bytes_of_store(here) == before


@pytest.mark.slow
def test_workers_and_order_change_no_byte(cli, here):
    cli("run", "toy.yaml")
    one = bytes_of_store(here)
    subprocess.run(["rm", "-r", ".structkit", "runs"], cwd=here, check=True)
    assert cli("run", "toy.yaml", "--workers", "3").code == 0
    assert bytes_of_store(here) == one


@pytest.mark.slow
def test_edited_plugin_never_meets_its_old_results(cli, here):
    cli("run", "toy.yaml")
    edit(here / "toy_plugin.py", "2 * scale) / scale", "2.1 * scale) / scale")
    assert "vector" in cli("run", "toy.yaml").err


def test_set_is_recorded(cli, here):
    assert cli("run", "toy.yaml", "--set", "steps.centroid.with.epochs=5").code == 0
    assert "epochs: 5" in (here / "runs/toy/resolved.yaml").read_text()


def test_only_stops_after_a_step(cli, here):
    assert cli("run", "toy.yaml", "--only", "noisy").code == 0
    assert sorted(p.name for p in (here / "runs/toy/steps").iterdir()) == ["crystals", "noisy"]
    wrong = cli("run", "toy.yaml", "--only", "nosy")
    assert wrong.code == 2 and "did you mean 'noisy'?" in wrong.err


FAULTS = {
    "raises": ("counts = np.histogram", "raise RuntimeError('no \\x1b[31m luck')\n        counts = np.histogram", 4, "P010 toy-vector (toy_plugin 0) failed on row 'fcc-0-0' (toy_plugin.py:77): RuntimeError: no"),
    "exits": ("counts = np.histogram", "raise SystemExit(0)\n        counts = np.histogram", 4, "P010 toy-vector (toy_plugin 0) failed on row 'fcc-0-0' (toy_plugin.py:77): SystemExit: 0"),
    "nan": ('{"vector": counts,', '{"vector": counts * np.nan,', 4, "P011 toy-vector (toy_plugin 0) on row 'fcc-0-0': 'vector' is nan at index [0]"),
    "shape": ('{"vector": counts,', '{"vector": counts[: len(distances) % 7 + 1],', 4, "if its length may differ, declare it ragged"),
    "object": ('{"vector": counts,', '{"vector": np.array([None]),', 4, "'vector' holds object, expected numbers"),
    "mutates": ("scale = (atoms", "atoms.positions += 1\n        scale = (atoms", 4, "changed the structure that it was given"),
    "writes info": ("scale = (atoms", "atoms.info['seen'] = 1\n        scale = (atoms", 4, "changed the structure that it was given"),
    "no vector": ('{"vector": counts,', '{"vec": counts,', 4, "on row 'fcc-0-0': gave no array 'vector', only vec, pairs"),
    "flat vector": ('{"vector": counts,', '{"vector": counts[None],', 4, "'vector' has shape (1, 12), expected (features)"),
    "no sample": ("yield Sample(sample.id, atoms)", "yield atoms", 4, "gave a Atoms, expected a Sample"),
    "probabilities": ("weights / weights.sum(axis=1, keepdims=True)", "weights * 3", 4, "returned rows that are not probabilities"),
    "rows": ("for row in range(len(features)):", "for row in range(2):", 4, "gave fewer explanations than rows"),
    "source nan": ("atoms = bulk(", "atoms = 0 * np.nan * bulk(", 4, "P010"),
    "no structures": ("for k in range(self.settings.per_group)", "for k in ()", 3, "D022 toy-crystals made no structures"),
    "ids twice": ('f"{task.id}-{k}"', '"same"', 3, "D021"),
    "tasks twice": ('Task(f"{name}-{i}",', 'Task("x",', 4, "gave two tasks the same id"),
    "none": ('return {"vector": counts, "pairs": distances[:, None]}', "return None", 4, "P011 toy-vector (toy_plugin 0) on row 'fcc-0-0': gave a NoneType, expected a mapping"),
    "tasks": ("return [Task(", "return ['x' or Task(", 4, "P011 toy-crystals (toy_plugin 0): tasks() gave a str, expected a Task"),
    "label": ('task.params["lattice"], task.id,', "5, task.id,", 4, "gave a sample whose label is 5, expected a word"),
    "fit nan": ('"train_loss": loss}', '"train_loss": loss * float("nan")}', 4, "P012 toy-centroid (toy_plugin 0): train_loss is nan in epoch 1"),
    "classes": ("state = context.scratch", "self.classes = ('x', 'y', 'z')\n        state = context.scratch", 4, "none of which is a label"),
    "epoch": ("yield {\"epoch\"", "raise KeyError(5)\n            yield {\"epoch\"", 4, "P010 toy-centroid (toy_plugin 0) failed on training (toy_plugin.py:101): KeyError: 5"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_of_a_plugin_names_it_and_how_to_go_on(fault, quick, here):
    old, new, code, message = FAULTS[fault]
    edit(here / "toy_plugin.py", old, new)
    result = quick("run", "toy.yaml")
    assert result.code == code and message in result.err, result
    assert "Traceback" not in result.err and "\x1b" not in result.err
    assert (
        result.err.count("goes on from here: structkit run toy.yaml") == 1
        and "step '" in result.err
    )
    assert "Traceback" in (here / "runs/toy/run.log").read_text(), "the log has the traceback"
    assert not (here / "runs/toy/done.json").exists()


def test_failure_keeps_what_was_done_and_the_mended_run_goes_on(cli, here):
    edit(
        here / "toy_plugin.py",
        "for row in range(len(features)):",
        "raise ValueError\n        for row in []:",
    )
    assert cli("run", "toy.yaml").code == 4
    kept = set(bytes_of_store(here))
    assert any("centroids.npy" in name for name in kept)


def test_what_is_left_of_a_folder_that_was_taken_away_is_no_obstacle(cli, here):
    """Whoever deletes a folder while a run writes it may leave its last file."""
    assert cli("run", "toy.yaml").code == 0
    folder = here / "runs/toy"
    last = (folder / "provenance.json").read_text()
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "provenance.json").write_text(last)
    assert cli("run", "toy.yaml").code == 0
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "provenance.json").write_text(last.replace("host", "cost", 1))
    assert "R001" in cli("run", "toy.yaml").err, "what no run has sealed is somebody's"


def test_run_folder_of_somebody_else_is_never_touched(cli, here):
    out = here / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    result = cli("run", "toy.yaml", "--out", "out")
    assert result.code == 2 and "R001 out holds files that are no structkit run" in result.err
    assert [p.name for p in out.iterdir()] == ["thesis.txt"]
    (here / "file").write_text("x")
    assert "R001 file is no folder" in cli("run", "toy.yaml", "--out", "file").err
    (here / "link").symlink_to(out)
    assert "R001 link is a symbolic link" in cli("run", "toy.yaml", "--out", "link").err


@pytest.mark.slow
def test_chosen_folder_is_never_given_to_another_spec(cli, here):
    assert cli("run", "toy.yaml", "--out", "out").code == 0
    edit(here / "toy.yaml", "epochs: 3", "epochs: 4")
    result = cli("run", "toy.yaml", "--out", "out")
    assert result.code == 2
    assert "of another spec (differs: steps.centroid.with.epochs: 3 → 4)" in result.err


def test_default_folder_of_another_file_is_refused(cli, here):
    assert cli("run", "toy.yaml").code == 0
    (here / "other.yaml").write_text((here / "toy.yaml").read_text().replace("seed: 3", "seed: 4"))
    result = cli("run", "other.yaml")
    assert result.code == 2 and "of another file" in result.err and "seed: 3 → 4" in result.err


def test_busy_folder_says_who_holds_it(cli, here):
    edit(
        here / "toy_plugin.py",
        "for k in range(self.settings.per_group):",
        "import time; time.sleep(3)\n        for k in [0]:",
    )
    first = subprocess.Popen(
        [sys.executable, "-m", "structkit", "run", "toy.yaml"], cwd=here, stderr=subprocess.PIPE
    )
    lock = here / "runs/toy/.lock"
    for _ in range(100):
        time.sleep(0.1)
        if lock.exists() and lock.read_text().strip():
            break
    second = cli("run", "toy.yaml")
    first.kill()
    first.wait()
    assert second.code == 5 and f"R002 runs/toy in use by pid {first.pid} on host" in second.err


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_stopped_run_says_so_and_goes_on(number, code, cli, here):
    edit(
        here / "toy_plugin.py",
        "for k in range(self.settings.per_group):",
        "import time; time.sleep(0.3)\n        for k in [0, 1]:",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "structkit", "run", "toy.yaml"],
        cwd=here,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list((here / ".structkit").glob("partial/*/part-000001")):
        time.sleep(0.05)
    process.send_signal(number)
    err = process.communicate(timeout=20)[1]
    assert (
        process.returncode == code
        and "the same command goes on from here" in err
        and "Traceback" not in err
    )
    result = cli("run", "toy.yaml")
    assert result.code == 0 and "parts already done" in result.err


def test_killed_between_the_result_and_its_tidying_up_nothing_stays(cli, here):
    """The unfinished work of a finished result goes with the next run, whenever the kill came."""
    cli("run", "toy.yaml")
    key = next((here / ".structkit/store").glob("*/*")).name
    (here / ".structkit/partial" / key / "part-000000").mkdir(parents=True)
    assert cli("run", "toy.yaml").code == 0
    assert not list((here / ".structkit/partial").iterdir())


@pytest.mark.slow
def test_flipped_bit_is_found_named_and_made_again(cli, here):
    cli("run", "toy.yaml")
    before = bytes_of_store(here)
    victim = next((here / ".structkit/store").glob("*/*/vector.npy"))
    data = bytearray(victim.read_bytes())
    data[-3] ^= 4
    victim.chmod(0o644)
    victim.write_bytes(data)
    verified = cli("store", "verify")
    assert (
        verified.code == 6
        and "I001 missing, truncated or changed" in verified.err
        and str(victim.name) in verified.err
    )
    result = cli("run", "toy.yaml")
    assert result.code == 0 and "I001" in result.err and "vector.npy" in result.err
    assert result.err.count("making it again") == 1 and "crystals ..." not in result.err
    assert bytes_of_store(here) == before
    assert cli("store", "verify").code == 0


@pytest.mark.slow
def test_entry_without_its_record_is_found_and_made_again(cli, here):
    cli("run", "toy.yaml")
    before = bytes_of_store(here)
    next((here / ".structkit/store").glob("*/*/vector.npy")).with_name("entry.json").unlink()
    verified = cli("store", "verify")
    assert verified.code == 6 and "I003" in verified.err
    assert cli("run", "toy.yaml").code == 0
    assert bytes_of_store(here) == before and cli("store", "verify").code == 0


def test_killed_before_its_record_is_written_the_folder_is_not_lost(cli, here):
    folder = here / "runs" / "toy"
    folder.mkdir(parents=True)
    dead, elsewhere = (
        f".resolved.yaml.0a0b0c0d.{who}.tmp" for who in (f"999999-1@{_host()}", "1-1@elsewhere")
    )
    for name in (".lock", "run.log", "pipeline.yaml", dead, elsewhere):
        (folder / name).write_text("")
    assert cli("run", "toy.yaml").code == 0
    assert not (folder / dead).exists(), "its process is gone"
    assert (folder / elsewhere).exists(), "nobody here knows whether its process lives"


def test_unfinished_run_says_so(cli, here):
    cli("run", "toy.yaml")
    (here / "runs/toy/done.json").unlink()
    for verb in (["report", "runs/toy"], ["predict", "runs/toy", "x.cif"]):
        result = cli(*verb)
        assert (
            result.code == 2
            and "R007 runs/toy is not finished; finish it: structkit run" in result.err
        )


@pytest.mark.slow
def test_corrected_pipeline_may_use_the_folder_of_its_failed_run(cli, here):
    edit(here / "toy.yaml", "groups: 6", "groups: 1")
    assert cli("run", "toy.yaml", "--out", "out").code == 3, "one group of a class cannot be tested"
    edit(here / "toy.yaml", "groups: 1", "groups: 6")
    assert cli("run", "toy.yaml", "--out", "out").code == 0


def test_changed_scores_are_found(cli, here):
    cli("run", "toy.yaml")
    path = here / "runs/toy/steps/centroid/metrics.json"
    text = path.read_text().replace('"n": 18', '"n": 19', 1)
    path.unlink()
    path.write_text(text + " ")
    assert cli("report", "runs/toy").code == 6


def test_edited_run_record_is_refused(cli, here):
    cli("run", "toy.yaml")
    edit(here / "runs/toy/run.json", '"seed": 3', '"seed": 4')
    result = cli("report", "runs/toy")
    assert result.code == 6 and "R004 record digest mismatch" in result.err


def test_what_an_error_says_to_do_about_an_edited_record_helps(cli, here):
    cli("run", "toy.yaml")
    results = {path: path.stat().st_ino for path in (here / ".structkit/store").rglob("*.json")}
    edit(here / "runs/toy/run.json", '"seed": 3', '"seed": 4')
    refused = cli("run", "toy.yaml")
    assert refused.code == 6 and "remove the run folder" in refused.err, refused
    shutil.rmtree(here / "runs/toy")
    assert cli("run", "toy.yaml").code == 0
    assert results and all(path.stat().st_ino == inode for path, inode in results.items())


def test_run_of_a_newer_version_is_refused(cli, here):
    from structkit.store.files import sealed

    cli("run", "toy.yaml")
    path = here / "runs/toy/run.json"
    path.write_text(json.dumps(sealed({**json.loads(path.read_text()), "format": 99})))
    result = cli("report", "runs/toy")
    assert result.code == 2 and "R003 run of format 99, this version reads 1" in result.err


def test_read_only_folder_is_one_line(here):
    # root writes everywhere, unless it is without that privilege
    bound = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
    if bound and not shutil.which(bound[0]):
        pytest.skip("root writes everywhere, and there is no setpriv to take that from it")
    here.chmod(0o555)
    command = [*bound, sys.executable, "-m", "structkit", "run", "toy.yaml"]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=60)
    here.chmod(0o755)
    assert done.returncode == 4 and "I004 Permission denied: runs; fix permissions" in done.stderr
    assert "Traceback" not in done.stderr and not (here / "runs").exists()


def test_out_of_memory_is_one_line(quick, monkeypatch):
    import structkit.kinds.rows as rows

    monkeypatch.setattr(rows, "write_table", lambda *_: (_ for _ in ()).throw(MemoryError("3 TiB")))
    result = quick("run", "toy.yaml")
    assert result.code == 4 and result.err.splitlines()[-1].startswith(
        "I008 out of memory (3 TiB); use fewer --workers"
    )


def test_full_disk_is_one_line_with_path_and_room(quick, here, monkeypatch):
    import errno

    import structkit.store.files as files

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device", "runs/toy/x")

    monkeypatch.setattr(files.os, "fsync", full)
    result = quick("run", "toy.yaml")
    assert (
        result.code == 4
        and "I004 No space left on device: runs/toy/x (" in result.err
        and "MiB free)" in result.err
    )
    monkeypatch.undo()
    monkeypatch.chdir(here)
    assert not list(here.rglob("*.tmp")), "nothing half-written"


@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_output_is_no_defect(closed, here):
    """The run is done; what could not be shown on standard output is said by the exit code."""
    command = f"{sys.executable} -m structkit run toy.yaml {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=here, capture_output=True)
    assert done.returncode == (0 if closed == "2>&-" else 141)
    assert (here / "runs/toy/done.json").exists()


@pytest.mark.slow
def test_terminal_that_knows_only_ascii(cli):
    result = cli(
        "run", "toy.yaml", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    )
    assert result.code == 0 and "\\xb7" in result.out


def test_names_of_files_do_not_forge_the_log(quick, here):
    from ase.build import bulk
    from ase.io import write

    (here / "data").mkdir()
    for number, name in enumerate(("a.vasp", "b.vasp", "bad\x1b[31m\nFAKE ERROR \u202ex.vasp")):
        write(here / "data/good", bulk("Cu", a=3.6 + number / 10), format="vasp")
        (here / "data/good").rename(here / "data" / name)
    (here / "data" / "bad\x1b[31m\nFAKE ERROR \u202ex.vasp").write_text("nothing")
    text = "structkit: 1\nname: p\nsteps:\n  f: {use: files, with: {path: data, label: none, on_bad: skip}}\n"
    (here / "p.yaml").write_text(text)
    result = quick("run", "p.yaml")
    log = (here / "runs/p/run.log").read_text()
    assert result.code == 0 and "FAKE ERROR" in log
    for said in (log, result.err, result.out):
        assert (
            "\x1b" not in said
            and "\u202e" not in said
            and not any(line.startswith("FAKE") for line in said.split("\n"))
        )


def test_store_list_tells_what_made_each_result(cli, here):
    cli("run", "toy.yaml")
    listed = json.loads(cli("store", "list", "--json").out)
    assert {"toy_plugin/toy-vector", "toy_plugin/toy-centroid", "scores", "predictions"} <= {
        x["made_by"] for x in listed
    }
