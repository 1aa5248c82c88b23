# Two commands: `make run` runs the main example, `make test` passes all tests. Each sets everything up in .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
INSTALLED = .venv/.installed

.PHONY: run test install check docs clean

run: $(INSTALLED)
	.venv/bin/structkit run examples/crystals.yaml

test: $(INSTALLED)
	.venv/bin/python -m pytest -n 2

install: $(INSTALLED)

# Fresh when no package list is newer than the last finished installation.
$(INSTALLED): requirements.txt constraints.txt pyproject.toml $(wildcard plugins/*/pyproject.toml)
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

check: $(INSTALLED)
	.venv/bin/ruff check .
	.venv/bin/mypy

docs: $(INSTALLED)
	.venv/bin/python docs/generate.py
	.venv/bin/python -m sphinx -q -W --keep-going -b html docs build/docs

clean:
	rm -rf .venv
