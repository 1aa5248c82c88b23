"""`--device`: what a device is, and the models' own word on whether it is there, before anything runs."""

import pytest

DEVICES = """

def has(device):
    return device == "cuda:0"
"""


@pytest.fixture
def one_card(here):
    """The toy model works on one card."""
    path = here / "toy_plugin.py"
    text = path.read_text()
    declared = text.replace(
        'offers=("centroids",),', 'offers=("centroids",), devices=f"{HERE}:has",'
    )
    assert declared != text
    path.write_text(declared + DEVICES)
    return here


def test_a_word_that_is_no_device(cli):
    result = cli("plan", "toy.yaml", "--device", "abacus")
    assert (result.code, result.err) == (
        2,
        "--device: Y012 device 'abacus'; allowed: cpu, cuda, cuda:N, mps\n",
    ), result


@pytest.mark.parametrize("verb", ["run", "plan"])
def test_a_card_that_the_model_does_not_find(cli, one_card, verb):
    result = cli(verb, "toy.yaml", "--device", "cuda:1")
    assert (result.code, result.err) == (
        2,
        "--device: Y012 device 'cuda:1' is not available here; use cpu\n",
    ), result
    assert not (one_card / "runs").exists()


def test_a_card_that_it_finds(cli, one_card):
    assert cli("plan", "toy.yaml", "--device", "cuda:0").code == 0


def test_a_pipeline_without_such_a_model_asks_nobody(cli, here):
    assert cli("plan", "toy.yaml", "--device", "cuda:1").code == 0


def test_a_network_asks_torch(cli, here):
    (here / "net.yaml").write_text(
        "structkit: 1\nname: net\nsteps:\n  crystals: {use: crystal-prototypes}\n"
        "  image: {use: diffraction-fingerprint, from: crystals}\n  network: {use: cnn-classifier, from: image}\n"
    )
    result = cli("plan", "net.yaml", "--device", "cuda:999")
    assert result.code == 2 and "Y012 device 'cuda:999' is not available here" in result.err, result
