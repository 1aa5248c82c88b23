# Two commands: `make run` runs the main example, `make test` passes all tests. Each sets everything up in .venv.
# `make fast` tests the core and one plugin, without what is slow; `make members` tries every member of each kind of hostile
# input, of which `make test` tries one in sixteen, and the long forms of tests. `make PYTHON=python3.12 test`: with another Python.
# `make ovito`: the modifier for OVITO, with OVITO.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
LISTS = requirements.txt requirements-plugins.txt constraints.txt pyproject.toml $(wildcard plugins/*/pyproject.toml)
PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check
TO_USE = .venv/.installed
TO_WORK = .venv/.installed-dev

.PHONY: run test fast members install check docs dist ovito clean

run: $(TO_USE)
	.venv/bin/structkit run examples/crystals.yaml

test: $(TO_WORK)
	.venv/bin/python -m pytest -n 2 --dist worksteal

fast: $(TO_WORK)
	.venv/bin/python -m pytest -n 2 -q -m "not slow" tests plugins/baselines

members: $(TO_WORK)
	.venv/bin/python -m pytest -n 2 -q -m "members or thorough" --every-member

install: $(TO_WORK)

# Fresh when no package list is newer than the last finished installation.
$(TO_USE): $(LISTS)
	@echo "installing structkit and what it needs into .venv: a few minutes, once"
	$(PYTHON) -m venv .venv
	$(PIP) -r requirements.txt
	touch $@

$(TO_WORK): requirements-dev.txt $(LISTS)
	@echo "installing structkit and what its tests need into .venv: a few minutes, once"
	$(PYTHON) -m venv .venv
	$(PIP) -r requirements-dev.txt
	touch $@ $(TO_USE)

check: $(TO_WORK)
	.venv/bin/ruff check .
	.venv/bin/mypy

docs: $(TO_WORK)
	.venv/bin/python docs/generate.py
	.venv/bin/python -m sphinx -q -W --keep-going -b html docs build/docs

# A wheel and an archive of the core and of every plugin, in build/dist.
dist: $(TO_WORK)
	for folder in . plugins/*; do .venv/bin/python -m build --no-isolation --outdir build/dist $$folder || exit 1; done

# The modifier for OVITO, tested with OVITO itself in an environment of its own: some 700 MB, once.
OVITO = build/ovito/bin/python
ovito:
	test -x $(OVITO) || $(PYTHON) -m venv build/ovito
	$(OVITO) -m pip install --quiet --disable-pip-version-check -c constraints.txt pytest -e . -e plugins/neighbours \
		-e plugins/local-structure -e plugins/guards -e plugins/ready-models -e integrations/ovito
	$(OVITO) -m pytest -q -c /dev/null --rootdir integrations/ovito integrations/ovito/tests

clean:
	rm -rf .venv
