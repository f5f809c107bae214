# Everything that development needs; `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TESTS ?= tests
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help venv rehearse test torture check package bench manual pictures format lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

venv: $(READY) ## set up .venv with the project and all that development needs

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 2>$(VENV)/install.log || { cat $(VENV)/install.log; exit 1; }
	@$(BIN)/python -m compileall -q state tui
	@touch $@

rehearse: $(READY) ## open the console on an embedded practice deployment (SCENARIO=name)
	@$(BIN)/drawbridge rehearse $(if $(SCENARIO),--scenario $(SCENARIO))

test: $(READY) ## run the tests (TESTS=path to narrow them)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

torture: $(READY) ## kill, freeze, fill up and damage it, and count what is lost (ONLY=death,disk TRIALS=n SEEDS=first)
	$(BIN)/python -m tests.torture $(if $(ONLY),--only $(ONLY)) $(if $(TRIALS),--trials $(TRIALS)) $(if $(SEEDS),--seeds $(SEEDS))

bench: $(READY) ## measure speed and size against their floors (ROWS=start,keys KEEP=yes PEERS=path)
	$(BIN)/python -m tests.bench $(if $(ROWS),--only $(ROWS)) $(if $(KEEP),--keep) $(if $(PEERS),--peers $(PEERS))

package: $(READY) ## build wheel and sdist, install each into an empty environment, try it there
	$(BIN)/python -m tests.package

manual: $(READY) ## write the manual page anew from the command line's declarations
	$(BIN)/python -m tests.manual

pictures: $(READY) ## draw the kept screens and the README's pictures anew (ONLY=kept|pictures)
	$(BIN)/python -m tests.screens $(if $(ONLY),--only $(ONLY))

check: $(READY) ## format, lint, types, import contracts, packages, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) package
	$(MAKE) test

format: $(READY) ## format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev \
	  --no-emit-index-url --output-file requirements.lock pyproject.toml

clean: ## remove what the targets made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find state tui tests -name __pycache__ -type d -prune -exec rm -rf {} +
