"""Who wants a run to stop stops it, whatever its components make of the signal."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.members

MARK = "Path('begun').write_text('x'); import time"
EATEN = {
    "a bare except": ("descriptor", f"try:\n    {MARK}; time.sleep(20)\nexcept:\n    pass"),
    "except BaseException": ("descriptor", f"try:\n    {MARK}; time.sleep(20)\nexcept BaseException:\n    return {{'vector': np.zeros(2)}}"),
    "finally with return": ("descriptor", f"try:\n    {MARK}; time.sleep(20)\nfinally:\n    return {{'vector': np.zeros(2)}}"),
    "another exception": ("descriptor", f"try:\n    {MARK}; time.sleep(20)\nexcept BaseException:\n    raise ValueError('made of a stop')"),
    "suppress": ("transform", f"import contextlib\nwith contextlib.suppress(BaseException):\n    {MARK}; time.sleep(20)"),
    "a source": ("source", f"try:\n    {MARK}; time.sleep(20)\nexcept:\n    pass"),
    "a training": ("fit", f"for epoch in range(5):\n    try:\n        {MARK}; time.sleep(20)\n    except:\n        pass\n    yield {{'epoch': epoch + 1.0, 'train_loss': 1.0}}"),
    "an explainer": ("explain", f"try:\n    {MARK}; time.sleep(20)\nexcept:\n    pass"),
    "a prediction": ("predict", f"try:\n    {MARK}; time.sleep(20)\nexcept:\n    pass"),
    "saving": ("save", f"try:\n    {MARK}; time.sleep(20)\nexcept:\n    pass"),
    "listing tasks": ("tasks", f"try:\n    {MARK}; time.sleep(20)\nexcept:\n    pass"),
    "signals ignored at import": ("import", "import signal\nfor number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)"),
    "signals blocked at import": ("import", "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])"),
}  # fmt: skip


def start(*arguments, **further):
    command = [sys.executable, "-m", "structkit", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **further)


def wait_for(path, process):
    end = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None and time.monotonic() < end, process.communicate()
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("case", EATEN)
def test_a_stop_cannot_be_swallowed(case, workers, hostile):
    place, lines = EATEN[case]
    hostile.write(place, lines)
    if place == "import":
        text = Path("hostile.py").read_text()
        Path("hostile.py").write_text(text.replace("# descriptor", f"{MARK}; time.sleep(20)"))
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        Path("begun").unlink(missing_ok=True)
        run = start("run", "p.yaml", "--workers", workers)
        wait_for(Path("begun"), run)
        begun = time.monotonic()
        run.send_signal(number)
        _, said = run.communicate(timeout=60)
        assert run.returncode == code and "stopped; the same command goes on" in said, said
        assert time.monotonic() - begun < 15
        record = Path("runs/hostile/provenance.json")
        assert not record.exists()


@pytest.mark.slow
def test_a_second_signal_ends_what_does_not_listen(hostile):
    lines = f"while True:\n    try:\n        {MARK}; time.sleep(0.1)\n    except BaseException:\n        pass"
    hostile.write("descriptor", lines)
    run = start("run", "p.yaml", start_new_session=True)
    wait_for(Path("begun"), run)
    run.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert run.poll() is None
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=10)
    assert run.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_a_worker_that_ignores_signals_ends_with_the_run(hostile):
    lines = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{MARK}\nPath('worker').write_text(str(os.getpid())); time.sleep(30)"
    hostile.write("descriptor", lines)
    run = start("run", "p.yaml", "--workers", 2)
    wait_for(Path("worker"), run)
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=20)
    assert run.returncode == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("worker").read_text()), 0)


@pytest.mark.slow
def test_a_prediction_is_stopped_too(hostile):
    from ase.build import bulk
    from ase.io import write as save

    save("cu.cif", bulk("Cu"))
    lines = f"if 'noted' not in atoms.info:\n    try:\n        {MARK}; time.sleep(20)\n    except:\n        pass\n    return {{'vector': np.zeros(2)}}"
    hostile.write("descriptor", lines)
    assert hostile.run().code == 0
    found = start("predict", "runs/hostile", "cu.cif", stdout=subprocess.PIPE)
    wait_for(Path("begun"), found)
    found.send_signal(signal.SIGINT)
    out, said = found.communicate(timeout=30)
    assert found.returncode == 130 and not out, said


def test_ctrl_c_in_a_notebook_cannot_be_swallowed():
    from structkit import stopping

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), stopping.interruptible():
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(5)
            except:  # noqa: E722  (as a careless component does)
                pass
            stopping.check()
        stopping.check()  # the next run begins anew
    finally:
        signal.signal(signal.SIGINT, before)
