# Everything from a bare clone, on a machine with python3 and make.
# A small venv (.tools) brings uv; uv brings both environments, and Pythons that are missing.

UV := .tools/bin/uv
# Compiled here once: a start takes seconds less, also where Python may not write beside its files.
PIP_SYNC := $(UV) pip sync --quiet --require-hashes --compile-bytecode
export RASA_TELEMETRY_ENABLED := false
# Leave it to .python-version and the range in pyproject.toml which Pythons are used.
unexport VIRTUAL_ENV

.PHONY: help run test lint format setup setup-dev train train-screen check bench bench-screen lock clean

help: ## what there is to do
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s ':'

run: setup ## set up what is missing, train a model if there is none, start everything
	@.venv/bin/frontdesk run

test: setup-dev ## every check and every test
	@$(MAKE) --no-print-directory lint
	.venv/bin/pytest

lint: setup-dev ## ruff and mypy
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

format: setup-dev ## let ruff put the code in order
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

train: setup ## train a model from data/
	.venv/bin/frontdesk train

check: setup-dev ## check everything that people edit under data/
	.venv/bin/frontdesk content check

bench: setup-dev ## measure; see benchmarks/README.md
	.venv/bin/python -m benchmarks.crisis_path

bench-screen: setup-dev ## judge the crisis screen and write docs/screen-report.md
	.venv/bin/python -m benchmarks.screen_report $(if $(ORDINARY),--ordinary $(ORDINARY))

train-screen: setup-dev ## train the crisis classifier from data/crisis/examples
	.venv/bin/python -m frontdesk.training.crisis

setup: .venv/run.stamp .venv-rasa/run.stamp ## both environments, for running

setup-dev: .venv/dev.stamp .venv-rasa/run.stamp ## both environments, and what tests need

$(UV): requirements/uv.txt
	@echo "Fetching uv ..."
	@python3 -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/bin/python: | $(UV)
	@$(UV) venv --quiet --python '3.12' .venv || $(UV) venv --quiet --python '>=3.11,<3.14' .venv

.venv/run.stamp: requirements/frontdesk.txt pyproject.toml $(UV) | .venv/bin/python
	@echo "Setting up Front Desk's environment (.venv) ..."
	@$(PIP_SYNC) --python .venv requirements/frontdesk.txt
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	@rm -f .venv/dev.stamp
	@touch $@

.venv/dev.stamp: requirements/dev.txt pyproject.toml $(UV) | .venv/bin/python
	@echo "Setting up Front Desk's environment with the test tools (.venv) ..."
	@$(PIP_SYNC) --python .venv requirements/dev.txt
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	@touch $@ .venv/run.stamp

.venv-rasa/run.stamp: requirements/rasa.txt $(UV)
	@echo "Setting up Rasa's environment (.venv-rasa, about 1.7 GB) ..."
	@test -x .venv-rasa/bin/python || $(UV) venv --quiet --python '3.10' .venv-rasa
	@$(PIP_SYNC) --python .venv-rasa requirements/rasa.txt
	@touch $@

lock: $(UV) ## resolve the locked requirements again, with hashes and without addresses
	$(UV) pip compile --quiet --upgrade --no-header --generate-hashes requirements/uv.in -o requirements/uv.txt
	$(UV) pip compile --quiet --upgrade --no-header --generate-hashes --universal --python-version 3.11 pyproject.toml --extra build -o requirements/frontdesk.txt
	$(UV) pip compile --quiet --upgrade --no-header --generate-hashes --universal --python-version 3.11 pyproject.toml --extra build --extra dev -o requirements/dev.txt
	$(UV) pip compile --quiet --upgrade --no-header --generate-hashes --python-version 3.10 --python-platform linux requirements/rasa.in --override requirements/rasa-left-out.txt -o requirements/rasa.txt

clean: ## remove the environments and caches; var/ and models/ stay
	rm -rf .tools .venv .venv-rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis
