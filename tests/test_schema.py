"""The JSON Schema accepts good pipelines, refuses bad ones, and keeps two plugins of one name apart."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from structkit.components import Settings, Source
from structkit.discovery.loading import discover
from structkit.discovery.plugin import Plugin
from structkit.discovery.registry import Component
from structkit.pipeline.schema import pipeline_schema

ROOT = Path(__file__).parents[1]


def errors(document, components=None):
    schema = pipeline_schema(components or discover().components)
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


def example():
    from structkit.pipeline.yaml_reader import read_document

    return read_document(ROOT / "examples/crystals.yaml")[1].plain()


def test_good_pipeline_is_accepted():
    assert errors(example()) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("steps", "classifier", "with", "epochs"), "ten"),
        (("steps", "classifier", "with", "epoch"), 3),
        (("steps", "crystals", "use"), "crystal-prototpes"),
        (("sed",), 4),
        (("seed",), -1),
        (("steps", "damaged", "with", "vacancies"), 1.5),
    ],
)
def test_bad_pipeline_is_refused(path, value):
    document = example()
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert errors(document)


def test_two_plugins_of_one_name_are_kept_apart():
    class One(Settings):
        a: int = 1
        """first"""

    class Two(Settings):
        b: int = 1
        """second"""

    components = [
        Component(
            Source(name="shared", build="x:Y", summary="s", settings=kind), Plugin(dist, "1", dist)
        )
        for dist, kind in (("structkit-one", One), ("structkit-two", Two))
    ]

    def pipeline(use, settings):
        return {"structkit": 1, "name": "x", "steps": {"s": {"use": use, "with": settings}}}

    assert errors(pipeline("structkit-one/shared", {"a": 2}), components) == []
    assert errors(pipeline("structkit-two/shared", {"a": 2}), components)
    assert errors(pipeline("shared", {"a": 2}), components), "the short name is ambiguous"


def test_every_setting_has_its_text(cli, here):
    schema = json.loads(cli("schema").out)
    for name, definition in schema["$defs"].items():
        for setting, facts in definition.get("properties", {}).items():
            assert facts.get("description") or "$ref" in facts or name == "Step", (
                f"{name}.{setting}"
            )


def test_written_file_is_the_schema(cli, here):
    result = cli("schema", "--write")
    assert result.code == 0 and "yaml-language-server" in result.out
    assert json.loads((here / "structkit.schema.json").read_text())["title"] == "structkit pipeline"


def test_loose_plugins_are_in_the_schema_when_named(quick, here):
    assert quick("schema", "--write", "--file", "toy_plugin.py").code == 0
    from structkit.pipeline.yaml_reader import read_document

    schema = json.loads((here / "structkit.schema.json").read_text())
    document = read_document(here / "toy.yaml")[1].plain()
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
