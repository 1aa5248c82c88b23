"""Training and prediction with memory kept and given back: process seconds of one thread, in turn.

.venv/bin/python plugins/cnn-classifier/benchmarks/kept_memory.py                # 640 images, three times each
.venv/bin/python plugins/cnn-classifier/benchmarks/kept_memory.py --rows 2000

The network is the convolutional one of Ziletti 2018. The predictions of both ways are compared, byte
by byte.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time


def measure(rows: int) -> None:
    """Train and predict once, in this process; print what it took."""
    import hashlib

    import numpy as np
    import torch

    from structkit import Row, Table, train
    from structkit_cnn_classifier import CnnClassifier

    torch.set_num_threads(1)
    images = np.random.default_rng(0).random((rows, 3, 64, 64)).astype(np.float32)
    table = Table.of([Row(f"{i}", "ab"[i % 2], f"{i}") for i in range(rows)], image=images)
    model = CnnClassifier(epochs=1)
    start = time.process_time()
    train(model, table)
    trained = time.process_time()
    digest = hashlib.sha256(model.predict(table).tobytes()).hexdigest()
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([trained - start, done - trained, peak, digest]))


def once(rows: int, keep: bool) -> list:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--rows", str(rows), "--here"]
    setting = {"STRUCTKIT_KEEP_MEMORY": "1" if keep else "0", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env={**os.environ, **setting}, check=True, capture_output=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=640)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--here", action="store_true", help="in this process")
    options = parser.parse_args()
    if options.here:
        measure(options.rows)
        return
    kept, given = [], []
    for _ in range(options.times):
        given.append(once(options.rows, keep=False))
        kept.append(once(options.rows, keep=True))
    assert len({one[3] for one in [*kept, *given]}) == 1, "no number depends on it"
    for place, what in enumerate(("training, s", "prediction, s", "peak memory, MiB")):
        before, after = (statistics.median(one[place] for one in ways) for ways in (given, kept))
        print(f"{what}: {before:.2f} given back, {after:.2f} kept, ratio {after / before:.2f}")


if __name__ == "__main__":
    main()
