"""The suite for a whole plugin."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, ClassVar

import pluggy

from structkit import API, hookspecs
from structkit.components import Declaration, Kind
from structkit.discovery.catalogue import has_verb, setting_facts
from structkit.discovery.declarations import COMPONENT_NAME, settings_class
from structkit.discovery.loading import discover
from structkit.discovery.plugin import import_string

HEAVY = ("torch", "dgl", "pymatgen", "ase", "scipy", "matplotlib", "sklearn")


class PluginContract:
    """Every plugin declares lightly, spells its hooks right, documents its settings, and can be built.

    Attributes:
        plugin: import path of the `plugin.py` module.
    """

    plugin: ClassVar[str]

    def _module(self) -> Any:
        return importlib.import_module(self.plugin)

    def _declarations(self) -> Iterator[Declaration]:
        for hook in discover().hooks:
            yield from getattr(self._module(), hook, list)()

    def test_says_its_api(self) -> None:
        api = getattr(self._module(), "STRUCTKIT_API", None)
        assert api == API, f"write STRUCTKIT_API = {API} in {self.plugin}, found {api!r}"

    def test_hooks_are_known(self) -> None:
        manager = pluggy.PluginManager(hookspecs.PROJECT)
        manager.add_hookspecs(hookspecs)
        manager.register(self._module())
        manager.check_pending()  # raises for a misspelt hook, naming it

    def test_declaring_imports_nothing_heavy(self) -> None:
        code = (
            f"import sys, importlib; module = importlib.import_module({self.plugin!r})\n"
            f"for hook in {list(discover().hooks)!r}: list(getattr(module, hook, list)())\n"
            f"print([name for name in {HEAVY!r} if name in sys.modules])"
        )
        found = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        assert found == "[]", (
            f"{self.plugin} imports {found}: import those in the module that `build` names"
        )

    def test_components_have_their_verbs(self) -> None:
        verbs = {kind.name: kind.verbs for kind in discover().of(Kind)}
        for declaration in self._declarations():
            target = import_string(declaration.build)
            lacking = [verb for verb in verbs[declaration.kind] if not has_verb(target, verb)]
            assert not lacking, (
                f"{declaration.build} lacks {lacking}, which a {declaration.kind} needs"
            )

    def test_names_are_kebab_case(self) -> None:
        for declaration in self._declarations():
            assert COMPONENT_NAME.fullmatch(declaration.name), (
                f"rename {declaration.name!r}, as in my-component"
            )
            assert declaration.summary, f"{declaration.name} needs a summary of one line"

    def test_settings_are_documented(self) -> None:
        for declaration in self._declarations():
            bare = [
                name
                for name, facts in setting_facts(declaration).items()
                if not facts["description"]
            ]
            assert not bare, (
                f"{settings_class(declaration).__name__}: write a docstring with the unit under {bare}"
            )

    def test_settings_refuse_unknown_words_and_changes(self) -> None:
        for declaration in self._declarations():
            settings = settings_class(declaration)
            config = settings.model_config
            message = (
                f"{settings.__name__} must inherit structkit.Settings (extra='forbid', frozen)"
            )
            assert config.get("extra") == "forbid" and config.get("frozen"), message
