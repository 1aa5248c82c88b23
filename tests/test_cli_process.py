"""What a command sets for its whole process, before any library is loaded."""

import pytest


@pytest.mark.parametrize("user, policy", [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_sleep_while_they_wait_unless_the_user_says_otherwise(
    cli, here, monkeypatch, user, policy
):
    (here / "asks.py").write_text(
        "import os, sys\nSTRUCTKIT_API = 1\n"
        "assert 'torch' not in sys.modules and 'sklearn' not in sys.modules\n"
        "print('policy', os.environ['OMP_WAIT_POLICY'])\n"
    )
    monkeypatch.delenv("OMP_WAIT_POLICY")
    asked = cli(
        "plugins", "list", "--file", "asks.py", env={"OMP_WAIT_POLICY": user} if user else {}
    )
    assert asked.code == 0 and f"policy {policy}" in asked.err, asked
