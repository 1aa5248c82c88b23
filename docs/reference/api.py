"""`api.md`, from the modules of the core that plugins and notebooks import."""

from __future__ import annotations

from reference import NOTE

API_HEAD = """\
# Python

What plugins and notebooks import from the core; what a plugin offers stands on [its own page](plugins.md), and each
component has [a page with lines to try](components.md).

| to ... | take | shown in |
|---|---|---|
| say what every atom of a structure is | `structkit.recognise` | [as a library](library.md#what-every-atom-is) |
| compute features without a pipeline | the class of a component | [components](components.md) |
| train a model on arrays of your own | `structkit.Table`, `Row`, `train` | [as a library](library.md) |
| read a finished run: scores, tables, structures | `structkit.Run` | [results](results.md#tables) |
| predict new structures by a trained run | `Run.predict` | [use a trained model again](how-to/use-a-model-again.md) |
| ask a guard about rows of your own | `structkit.Evidence`, `RunContext` | [`verdict`](components/verdict.md) |
| write a component | the declarations, `hookimpl` | [first plugin](first-plugin.md) |
| test one | `structkit.testing` | [testing a plugin](testing-a-plugin.md) |
"""
# modules of the core that plugins and notebooks import, and what each is for
PUBLIC = {
    "structkit": "What most people need: rows and tables, declarations, runs, and `recognise`.",
    "structkit.verbs": "What the objects behind declarations must be able to do: methods, and no class to inherit.",
    "structkit.records": "What a run says of itself: its steps, its origins, and how they came about.",
    "structkit.evaluation.verdict": "What a prediction and the arrays of its guards come to.",
    "structkit.evaluation.target": "What a target has to say: how truth is encoded, scored and drawn.",
    "structkit.evaluation.predicted": "What `Run.predict` gives for each new structure.",
    "structkit.testing": "The suites that a plugin's tests inherit, and planted data with known answers.",
}


def api_page() -> str:
    """`api.md`."""
    blocks = [_module(module, purpose) for module, purpose in PUBLIC.items()]
    return "\n".join([NOTE, "", API_HEAD, *blocks])


def _module(module: str, purpose: str) -> str:
    """A module: what it is for, and all that it offers."""
    directive = f"```{{eval-rst}}\n.. automodule:: {module}\n   :members:\n```"
    return f"## `{module}`\n\n{purpose}\n\n{directive}\n"
