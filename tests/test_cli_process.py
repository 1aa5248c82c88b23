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


@pytest.mark.parametrize(
    "arguments",
    [
        ["recognise", ""],
        ["run", "toy.yaml", "--out="],
        ["store", "gc", ""],
        ["predict", "runs/toy", ""],
    ],
)
def test_an_argument_of_nothing_is_not_the_folder_one_is_in(cli, here, arguments):
    (here / "copper.xyz").write_text("1\n\nCu 0 0 0\n")
    result = cli(*arguments)
    assert result.code == 2 and "Y012" in result.err and "`.` is this folder" in result.err, result


def test_a_value_that_ends_with_an_equals_sign_is_none_of_nothing(cli, here):
    result = cli("validate", "toy.yaml", "--set", "steps.crystals.with.groups=")
    assert "is given nothing" not in result.err and "Y0" in result.err, result
