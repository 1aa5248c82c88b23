"""When a report is written: after every run, again where it is missing, on request; and it never unfinishes a run."""

import pytest

from structkit.run import Run
from structkit_html_report import write_report

BLOCKED = {"STRUCTKIT_BLOCK": "structkit-html-report"}


@pytest.fixture
def ran(cli):
    result = cli("run", "toy.yaml")
    assert result.code == 0 and "report: runs/toy/report.html" in result.out, result
    return cli


@pytest.fixture
def broken(monkeypatch):
    import structkit_html_report.page as page

    def fail(run):
        raise ValueError("no ink")

    monkeypatch.setattr(page, "render", fail)


def test_missing_report_is_made_by_the_same_command_and_nothing_else(ran, here):
    done, report = here / "runs/toy/done.json", here / "runs/toy/report.html"
    sealed = done.stat().st_mtime_ns
    before = report.read_bytes()
    report.unlink()
    again = ran("run", "toy.yaml")
    assert (
        again.code == 0 and "..." not in again.err and "report: runs/toy/report.html" in again.out
    )
    assert report.read_bytes() == before and done.stat().st_mtime_ns == sealed


def test_report_of_an_earlier_run_in_the_folder_is_replaced(ran, here):
    (here / "toy.yaml").write_text(
        (here / "toy.yaml").read_text().replace("sigma: 0.05", "sigma: 0.06")
    )
    assert ran("run", "toy.yaml").code == 0
    assert "sigma: 0.06" in (here / "runs/toy/report.html").read_text()


def test_failing_report_is_one_line_and_the_run_is_finished(quick, here, broken):
    result = quick("run", "toy.yaml")
    line = "structkit_run_finished failed in plugin structkit-html-report: ValueError: no ink"
    assert result.code == 0 and result.err.splitlines()[-1] == line, result
    assert "report: " not in result.out and "Traceback" not in result.err
    log = (here / "runs/toy/run.log").read_text()
    assert line in log and "Traceback" in log
    assert quick("verify", "runs/toy").code == 0
    asked = quick("report", "runs/toy")
    assert (
        asked.code == 4
        and "ValueError: no ink" in asked.err
        and "P016 no report was written" in asked.err
    )


def test_report_of_another_pipeline_is_not_named(ran, here, broken):
    (here / "toy.yaml").write_text(
        (here / "toy.yaml").read_text().replace("sigma: 0.05", "sigma: 0.06")
    )
    result = ran("run", "toy.yaml")
    assert result.code == 0 and "report: " not in result.out


def test_without_the_plugin_there_is_no_report(cli, here):
    result = cli("run", "toy.yaml", env=BLOCKED)
    assert result.code == 0 and "report: " not in result.out
    assert not (here / "runs/toy/report.html").exists()
    asked = cli("report", "runs/toy", env=BLOCKED)
    assert (
        asked.code == 2
        and "P015 no installed plugin writes reports; install structkit-html-report" in asked.err
    )
    assert "report: runs/toy/report.html" in cli("run", "toy.yaml").out, (
        "installed later, it makes up for that"
    )


def test_report_is_no_part_of_the_seal(ran, here):
    with (here / "runs/toy/report.html").open("a") as stream:
        stream.write("edited")
    assert ran("verify", "runs/toy").code == 0
    assert ran("report", "runs/toy").code == 0
    assert not (here / "runs/toy/report.html").read_text().endswith("edited")


def test_seal_of_an_older_version_lists_the_report(ran, here):
    import json

    from structkit.store.files import sealed

    path = here / "runs/toy/done.json"
    record = {key: value for key, value in json.loads(path.read_text()).items() if key != "seal"}
    record["files"]["report.html"] = {"sha256": "0" * 64, "bytes": 1}
    path.write_text(json.dumps(sealed(record)))
    assert ran("verify", "runs/toy").code == 0
    assert "..." not in ran("run", "toy.yaml").err


def test_library_writes_a_report_of_a_folder(ran, here):
    (here / "runs/toy/report.html").unlink()
    path = write_report("runs/toy")
    assert path == Run("runs/toy").report and "toy-centroid" in path.read_text()
