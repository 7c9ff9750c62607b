# Needs python3 (3.11 or newer, with venv) and make; everything else goes into .venv.
# Another interpreter: make PYTHON=python3.12 test

.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt
PYTHON ?=
WORKERS ?= 2

.PHONY: demo test verify bench bench-quick lint docs docs-results pages clean help

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: .venv/.installed  ## run the first experiment and draw its figures
	$(BIN)/diffusion run experiments/media_race.toml

test: lint  ## lint, then the tests on 2 workers
	$(BIN)/python -m pytest -q -n $(WORKERS)

verify: .venv/.installed-peers  ## laws, other libraries, faults at full size; build/scorecard.* (long)
	SCORECARD=build/scorecard.json HYPOTHESIS_PROFILE=verify $(BIN)/python -m pytest -q -n $(WORKERS) -m "verify or peers or law"

bench: .venv/.installed-peers  ## side by side with other libraries, the machine's own limit (build/benchmarks.*)
	$(BIN)/python benchmarks/run.py --out build

bench-quick: .venv/.installed-peers  ## the same at small sizes, in a good two minutes (build/quick)
	$(BIN)/python benchmarks/run.py --quick --out build/quick

lint: .venv/.installed-test  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/.installed-docs  ## build the documentation into build/docs (index.html)
	$(BIN)/python -m sphinx -q -W --keep-going -d build/doctrees docs build/docs
	@echo "documentation: build/docs/index.html"

docs-results: .venv/.installed  ## run all experiments and write the pages and figures under docs/ (long)
	$(BIN)/python docs/make_results.py

pages: .venv/.installed  ## docs/: the classical models; what make verify and make bench have left in build/
	$(BIN)/python docs/make_pages.py

clean:  ## remove .venv, caches and builds (results/ stays)
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.venv/bin/python:
	@found=; \
	for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	    if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	        found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    version=$$($(or $(PYTHON),python3) -V 2>/dev/null || echo "not there"); \
	    echo "make: Python 3.11 or newer is needed, and $(or $(PYTHON),python3) is $$version;" \
	        "install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	if ! $$found -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	    echo "make: $$found cannot make virtual environments; install its venv module" \
	        "(on Debian the package python3-venv)" >&2; exit 1; fi; \
	echo "creating .venv with $$($$found -V)"; \
	$$found -m venv .venv || { rm -rf .venv; exit 1; }

# A stamp is written after a complete installation only, so that a second call installs nothing.
.venv/.installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing diffusion into .venv (once)"
	$(PIP) -e .
	@touch $@

.venv/.installed-test: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing diffusion and its test tools into .venv (once)"
	$(PIP) -e '.[test,dask]'
	@touch .venv/.installed $@

.venv/.installed-docs: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing diffusion and what builds its documentation into .venv (once)"
	$(PIP) -e '.[docs]'
	@touch .venv/.installed $@

.venv/.installed-peers: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing diffusion, its test tools and its peers into .venv (once)"
	$(PIP) -e '.[test,dask,peers,sensitivity,tables]'
	@touch .venv/.installed .venv/.installed-test $@
