import pytest
from ase.build import bulk
from ase.io import write

from structkit.testing import PluginContract, SourceContract

PLUGIN = "structkit_structure_files.plugin"


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestFiles(SourceContract):
    plugin = PLUGIN
    name = "files"

    @pytest.fixture(autouse=True, scope="class")
    def _folder_of_files(self, request, tmp_path_factory):
        """Three files of one format each, in a folder that the settings name."""
        folder = tmp_path_factory.mktemp("copper")
        for name in ("one.cif", "two.xyz", "three.vasp"):
            write(folder / name, bulk("Cu", cubic=True))
        request.cls.settings = {"path": str(folder), "label": "folder"}
