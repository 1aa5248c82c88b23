"""The rules that the repository keeps about itself."""

import ast
import contextlib
import importlib.metadata
import importlib.util
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "dgl", "pymatgen", "ase", "scipy", "matplotlib", "sklearn")
CODE = [
    p
    for folder in ("structkit", "plugins", "docs", "examples")
    for p in sorted((ROOT / folder).rglob("*.py"))
    if "tests" not in p.parts
]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/README.md")]


def test_help_imports_nothing_heavy_and_stays_cheap():
    code = (
        "import sys, time; sys.argv = ['structkit', '--help']; start = time.process_time()\n"
        "from structkit.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print([n for n in {HEAVY!r} if n in sys.modules], time.process_time() - start)"
    )
    last = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()[-1]
    found, _, seconds = last.rpartition(" ")
    assert found == "[]", f"--help imports {found}"
    assert float(seconds) < 1.0, "the budget is 0.3 s of CPU; the margin is for a loaded machine"


@pytest.mark.parametrize(
    "verb", [["plugins", "list"], ["validate", "examples/crystals.yaml"], ["schema"]]
)
def test_looking_at_plugins_imports_nothing_heavy(verb):
    code = (
        f"import sys; sys.argv = ['structkit', *{verb!r}]\nfrom structkit.__main__ import main\n"
        "try: main()\nexcept SystemExit as e: assert not e.code, e\n"
        f"sys.stderr.write(str([n for n in {HEAVY!r} if n in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stderr == "[]"


# From the bottom up; a module may import at its own level or below. What stands on one line is one level.
# Modules of the top level are what plugins and notebooks import; the packages below them are how it works.
LEVELS = [
    "errors lazy words section pictures events compiling engine.forks",
    "samples recognised stopping sorted_sets store.differences store.reading",
    "process_settings",
    "workers",
    "surroundings",
    "components verbs store.processes store.contents",
    "store.inside",
    "hookspecs store.locks store.files store.run_contents store.result_contents",
    "store.entries randomness data.columns",
    "data.masks store.unchanged",
    "data.rows data.npy",
    "data.first_layout data.block",
    "data.opening",
    "data.table",
    "data.merging data.items records library evidence",
    "data.writing discovery.imported discovery.plugin discovery.settings evaluation.intervals evaluation.wholes",
    "discovery.travelling",
    "discovery.kept discovery.allowed discovery.registry discovery.declarations evaluation.headlines",
    "showing discovery.loading evaluation.classification evaluation.faithfulness evaluation.target",
    "evaluation.repeats evaluation.verdict evaluation.predicted evaluation.faithfulness_of_parts",
    "evaluation.trust",
    "scored",
    "builtin discovery.catalogue discovery.scaffold evaluation.atom_classes evaluation.atom_numbers evaluation.classes evaluation.numbers run",
    "pipeline.yaml_reader pipeline.yaml_words store.store store.remnants",
    "pipeline.spec store.run_folder upkeep.garbage",
    "pipeline.checked pipeline.schema pipeline.vary evaluation.splits",
    "evaluation.copies evaluation.units engine.recipe engine.context engine.logs engine.machine engine.progress engine.provenance engine.preload",
    "engine.blame engine.executors site",
    "engine.building engine.jobs",
    "engine.calling",
    "engine.pieces engine.reader engine.stages",
    "ready",
    "kinds.wiring kinds.base kinds.pace kinds.outside kinds.committee kinds.trained kinds.spreadsheet",
    "kinds.problems kinds.rows kinds.learning kinds.dealing kinds.explained_parts kinds.asking",
    "kinds.training kinds.judged_parts",
    "kinds.outside kinds.source kinds.transform kinds.descriptor kinds.predictions kinds.explainer",
    "kinds.model kinds.guarding",
    "kinds.promises engine.judging",
    "kinds.guard",
    "pipeline.check engine.resolved engine.making",
    "engine.scheduler",
    "engine.runner engine.sharing engine.sampling upkeep.received",
    "engine.prediction engine.cost upkeep.verification",
    "testing upkeep.selftest",
    "audit.findings audit.neighbours audit.frames audit.learning audit.gathering",
    "audit.disorder audit.at_random",
    "audit.fingerprint",
    "audit.copies audit.groups audit.leaks audit.holdouts audit.suspects",
    "audit.trained",
    "audit.auditing",
    "cli.options cli.output cli.wording cli.process cli.atom_frames",
    "cli.checking cli.plugins cli.store cli.summary",
    "cli.commands cli.predicting",
    "cli.recognising cli.sharing cli.costing",
    "cli.store_app cli.plugins_app",
    "cli.auditing cli.exploring",
    "cli.app",
    "__main__",
]
PACKAGES = {line.partition(".")[0] for level in LEVELS for line in level.split() if "." in line}


def unit(parts):
    """What an import path belongs to: a module of the core, or one of its packages that are one idea."""
    return ".".join(parts[:2]) if parts[0] in PACKAGES else parts[0]


def imports_of(path, top_only=True):
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_only else ast.walk(tree)
    for node in nodes:
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] == "structkit"
        ):
            parts = node.module.split(".")[1:]
            yield from (unit([*parts, name.name]) for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (
                unit(a.name.split(".")[1:]) for a in node.names if a.name.startswith("structkit.")
            )


def test_core_imports_point_one_way():
    level = {name: number for number, line in enumerate(LEVELS) for name in line.split()}
    wrong = []
    for path in sorted((ROOT / "structkit").rglob("*.py")):
        name = unit(path.relative_to(ROOT / "structkit").with_suffix("").parts)
        if name.endswith("__init__"):
            continue  # a package's face imports what it shows
        assert name in level, f"say in LEVELS where {name} belongs"
        wrong += [
            f"{name} -> {other}"
            for other in imports_of(path)
            if other in level and level[other] > level[name]
        ]
    assert not wrong


def test_core_imports_neither_torch_nor_a_plugin():
    """Inside functions neither; what needs them is said by declarations, and asked of objects."""
    wrong = []
    for path in sorted((ROOT / "structkit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [getattr(node, "module", None)]
            )
            roots = {str(name).partition(".")[0] for name in names}
            wrong += [
                f"{path.name}: {root}"
                for root in roots
                if root == "torch" or root.startswith("structkit_")
            ]
    assert not wrong


def test_the_reading_list_is_true_and_short():
    """The files that must be read to understand a run: there, in order, and not more than a person reads in a day."""
    page = (ROOT / "docs/design.md").read_text()
    rows = re.findall(r"^\| (\d+) \| `([a-z_/]+\.py)` \| (.+\?) \|$", page, re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, len(rows) + 1)) and len(
        rows
    ) > 10
    lines = sum(len((ROOT / "structkit" / name).read_text().splitlines()) for _, name, _ in rows)
    assert lines <= 2500, f"{lines} lines"


def functions():
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node, node.end_lineno - node.lineno + 1


def test_functions_and_files_stay_small_and_typed():
    lengths = [length for _, _, length in functions()]
    assert statistics.median(lengths) <= 8
    assert sorted(lengths)[int(0.9 * len(lengths))] <= 25
    untyped = [
        f"{path.name}:{node.lineno}" for path, node, _ in functions() if node.returns is None
    ]
    assert not untyped
    long = {
        str(p.relative_to(ROOT)): n for p in CODE if (n := len(p.read_text().splitlines())) > 310
    }
    assert not long


def test_every_hook_is_in_the_docs_with_its_exact_arguments():
    from inspect import signature

    from structkit import hookspecs

    page = (ROOT / "docs/hooks.md").read_text()
    hooks = {name: f for name, f in vars(hookspecs).items() if name.startswith("structkit_")}
    assert len(hooks) == 20
    for name, function in hooks.items():
        assert f"## `{name}{signature(function)}`".replace("'", "") in page
        assert f"def {name}(" in page, "a complete example"


def test_generated_pages_are_up_to_date():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for path, text in module.pages().items():
        assert path.read_text() == text, (
            f"run: .venv/bin/python docs/generate.py ({path.name} is old)"
        )


def test_every_code_is_in_the_docs_and_no_other():
    pattern = re.compile(r"\b([YSDPRIX]\d{3})\b")
    used = {
        c
        for p in CODE
        if p.parts[-2] != "testing"
        for line in p.read_text().splitlines()
        for c in re.findall(r"""["' (]([YSDPRIX]\d{3})["' ]""", line.partition("# noqa")[0])
    }
    listed = set(pattern.findall((ROOT / "docs/errors.md").read_text()))
    assert used - listed == set(), "add them to docs/errors.md"
    assert listed - used == set(), "nothing says these any more"


def test_every_verb_and_top_level_word_is_in_the_docs():
    from structkit.cli.app import app, plugins_app, store_app
    from structkit.pipeline.spec import Pipeline, Step

    text = "\n".join(p.read_text() for p in PAGES)
    for prefix, group in (("", app), ("plugins ", plugins_app), ("store ", store_app)):
        for command in group.registered_commands:
            assert f"structkit {prefix}{command.name or command.callback.__name__}" in text
    page = (ROOT / "docs/pipeline-file.md").read_text()
    for name, field in (*Pipeline.model_fields.items(), *Step.model_fields.items()):
        assert f"`{field.alias or name}`" in page


def blocks(language):
    for page in PAGES:
        for number, text in enumerate(
            re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)
        ):
            yield pytest.param(page, text, id=f"{page.relative_to(ROOT)}-{number}")


@pytest.mark.parametrize(
    ("page", "text"), [b for b in blocks("yaml") if "structkit: 1" in b.values[1]]
)
def test_every_pipeline_in_the_docs_validates(page, text, tmp_path, monkeypatch):
    from structkit.pipeline.check import check
    from structkit.pipeline.spec import load

    monkeypatch.chdir(tmp_path)
    code = [
        b.values[1] for b in blocks("python") if b.values[0] == page and "hookimpl" in b.values[1]
    ]
    for name in re.findall(r"plugins: \[(\w+\.py)\]", text):
        Path(name).write_text(code[0])
    Path("p.yaml").write_text(text)
    assert check(load(Path("p.yaml"))).steps


@pytest.mark.parametrize(
    "path",
    sorted(p for p in (ROOT / "examples").rglob("*.yaml") if "third-party-plugin" not in p.parts),
    ids=lambda p: p.name,
)
def test_every_example_validates(path):
    from structkit.pipeline.check import check
    from structkit.pipeline.spec import load

    assert check(load(path)).steps


@pytest.mark.slow
def test_main_example_runs_in_a_small_form(cli):
    sets = {"steps.crystals.with.per_class": 4, "steps.crystals.with.groups_per_class": 4, "steps.pristine.with.min_atoms": 30,
            "steps.fingerprint.with.size": 16, "steps.classifier.with.epochs": 1, "steps.classifier.with.batch_size": 8,
            "steps.trust.with.coverage": 0.5, "steps.trust.with.false_alarms": 0.5}  # fmt: skip
    options = [word for key, value in sets.items() for word in ("--set", f"{key}={value}")]
    result = cli("run", ROOT / "examples/crystals.yaml", *options)
    assert result.code == 0 and "classifier · damaged · test: accuracy" in result.out, result


def test_plugins_of_the_docs_run(cli, here):
    page = (ROOT / "docs/first-plugin.md").read_text()
    code = [
        block
        for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL)
        if "STRUCTKIT_API" in block
    ]
    names = ["elements.py", "centroids.py", "perceptron.py"]
    for name, block in zip(names, code, strict=True):
        (here / name).write_text(block)
    text = (
        re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
        .group(1)
        .replace("[elements.py]", f"[{', '.join(names)}]")
    )
    text += "  model: {use: centroids, from: vectors}\n  why: {use: pull, from: model}\n"
    (here / "p.yaml").write_text(
        text + "  net: {use: perceptron, from: vectors, with: {batch_size: 4}}\n"
    )
    result = cli("run", "p.yaml")
    assert result.code == 0 and "vectors [crystals]: 32 rows" in result.err, result
    assert all(f"{model} · crystals · test" in result.out for model in ("model", "net")), result


def needed(distribution, extras=(), seen=None):
    """A distribution and everything that it says it needs, with the extras that are asked for."""
    seen = {} if seen is None else seen
    name, wanted = canonicalize_name(distribution), {"", *extras}
    if wanted <= seen.get(name, set()):
        return seen
    seen[name] = seen.get(name, set()) | wanted
    for line in importlib.metadata.requires(distribution) or ():
        one = Requirement(line)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in wanted):
            with contextlib.suppress(importlib.metadata.PackageNotFoundError):
                needed(one.name, one.extras, seen)
    return seen


ALONE = """
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name in {missing!r} else find(name, *rest)
"""


def module_of(folder):
    """The package that a folder of `plugins` holds."""
    return f"structkit_{folder.name.replace('-', '_')}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("plugins/*/README.md")), ids=lambda p: p.parent.name
)
def test_library_lines_of_the_readmes_run_with_nothing_else_installed(page, tmp_path):
    """In an environment with that plugin, the core and what they declare: everything else cannot be imported."""
    code = "\n".join(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL))
    assert code
    there = needed(f"structkit-{page.parent.name}")
    owners = importlib.metadata.packages_distributions()
    missing = {
        module
        for module, names in owners.items()
        if not {canonicalize_name(n) for n in names} & set(there)
    }
    assert "ruff" in missing and "numpy" not in missing
    others = {
        module_of(p.parent)
        for p in ROOT.glob("plugins/*/README.md")
        if f"structkit-{p.parent.name}" not in there
    }
    lines = ALONE.format(missing=sorted(missing | others)) + code
    command = [sys.executable, "-W", "ignore", "-c", lines]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_pictures_of_the_readmes_are_there():
    for page in PAGES:
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text()):
            assert (page.parent / target).is_file(), f"{page}: {target}"


def test_the_readme_tells_of_every_plugin():
    text = (ROOT / "README.md").read_text()
    folders = [path.parent.name for path in (ROOT / "plugins").glob("*/pyproject.toml")]
    assert folders and [name for name in folders if f"](plugins/{name}) |" not in text] == []


def test_links_of_the_docs_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page}: {target}"


UNSAFE_MODULES = {"pickle", "joblib", "monty", "dill", "cloudpickle", "shelve", "marshal", "yaml"}
UNSAFE_CALLS = {"eval", "exec", "extractall", "torch.load"}


def unsafe(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [a.name for a in node.names]
            )
            yield from (name for name in names if name.split(".")[0] in UNSAFE_MODULES)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in UNSAFE_CALLS or called.rpartition(".")[2] == "extractall":
                yield called
            yield from (
                k.arg
                for k in node.keywords
                if k.arg in ("shell", "allow_pickle") and ast.unparse(k.value) == "True"
            )


def test_no_unsafe_loader_in_the_tree():
    assert [f"{path.relative_to(ROOT)}: {found}" for path in CODE for found in unsafe(path)] == []


def test_versions_with_advisories_are_excluded_and_not_installed():
    from packaging.version import Version

    table = re.findall(
        r"^\| ([a-z0-9-]+) \| ([0-9.]+) \| CVE", (ROOT / "docs/trust.md").read_text(), re.MULTILINE
    )
    assert len(table) > 10
    files = [
        ROOT / "pyproject.toml",
        *ROOT.glob("plugins/*/pyproject.toml"),
        ROOT / "constraints.txt",
    ]
    lines = [
        line.strip().partition("#")[0].strip(' ",')
        for path in files
        for line in path.read_text().splitlines()
    ]
    quoted = [
        word for path in files for word in re.findall(r'"([a-z][^"\s]+>=[^"]*)"', path.read_text())
    ]
    asked = [
        Requirement(text)
        for text in [
            *quoted,
            *(line for line in lines if re.fullmatch(r"[a-z0-9-]+[>=]=\S+", line)),
        ]
    ]
    for package, safe in table:
        bounds = [
            spec for r in asked if canonicalize_name(r.name) == package for spec in r.specifier
        ]
        lowest = [Version(spec.version) for spec in bounds if spec.operator in (">=", "==")]
        assert lowest and min(lowest) >= Version(safe), (
            f"{package} below {safe} is not excluded: {lowest}"
        )
        assert Version(importlib.metadata.version(package)) >= Version(safe), (
            f"{package} is installed below {safe}"
        )


def test_no_registry_host_in_any_file():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.split():
        text = (ROOT / name).read_bytes().decode(errors="ignore")
        assert not re.search(
            r"https?://[^ \n]*(/simple|/whl|pypi\.org|pythonhosted)",
            text.replace(r"https?://[^ \n]*(/simple|/whl|pypi\.org|pythonhosted)", ""),
        ), name


@pytest.mark.slow
def test_core_works_with_no_plugin_but_its_own(cli, here):
    others = ",".join(f"structkit-{folder.name}" for folder in (ROOT / "plugins").iterdir())
    result = cli("run", "toy.yaml", env={"STRUCTKIT_BLOCK": others})
    assert result.code == 0 and "centroid · noisy · test: accuracy" in result.out, result
    assert not (here / "runs/toy/report.html").exists() and "report" not in result.out


def test_core_draws_nothing_and_imports_no_plugin():
    ours = {f"structkit_{folder.name.replace('-', '_')}" for folder in (ROOT / "plugins").iterdir()}
    for path in (ROOT / "structkit").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found = {name.partition(".")[0] for name in names} & {*ours, "matplotlib", "jinja2"}
            assert not found, f"{path.relative_to(ROOT)} imports {found}"


def test_names_follow_the_one_rule():
    import tomllib

    for folder in sorted((ROOT / "plugins").iterdir()):
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        assert project["name"] == f"structkit-{folder.name}"
        package = folder / "src" / module_of(folder)
        assert (package / "__init__.py").is_file()
        # a library for plugins has no entry point; whoever has one declares components, and keeps their contract
        offers = "structkit" in project.get("entry-points", {})
        assert (package / "plugin.py").is_file() == offers
        assert (folder / "tests" / "test_contract.py").is_file() == offers
        if offers and "settings=" in (package / "plugin.py").read_text():
            assert (package / "settings.py").is_file()


def built(builder, folder):
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, "docs"]
    done = subprocess.run(
        [*command, folder / builder, "-d", folder / "trees"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_docs_are_read_without_a_warning(tmp_path):
    """Every page, reference and docstring; nothing is written, which takes most of the time."""
    built("dummy", tmp_path)


@pytest.mark.thorough
def test_docs_build_without_a_warning(tmp_path):
    built("html", tmp_path)
    assert (tmp_path / "html/studies/crystals.html").is_file()
    assert (tmp_path / "html/tutorials/a-spectrum.ipynb").is_file()
    assert "<math" in (tmp_path / "html/components/powder-xrd.html").read_text()
