# 管家. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
CHECKED := bot console dialogs handlers migrations models sandbox bench tests scheduler.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE  # a hundred processes that may keep nothing compile all of it a hundred times

.DEFAULT_GOAL := help
.PHONY: help run test lint bench migration first-migration clean suite

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-16s %s\n", $$1, $$2 }'

run: $(VENV)/.run ## Run everything on this machine, with a demo community and a local WeChat; Ctrl-C stops it
	@exec $(BIN)/python -m bot run

test: $(VENV)/.test ## Lint, types and the whole test suite on SQLite and PostgreSQL
	@$(MAKE) --no-print-directory -j 2 lint suite

# What the tests' processes would each compile for themselves is compiled once before.
suite: $(VENV)/.test
	@$(BIN)/python -m pytest --collect-only -q >/dev/null || true
	@$(BIN)/python -m pytest -n 4

lint: $(VENV)/.test ## Lint and types only
	@$(BIN)/ruff check $(wildcard $(CHECKED))
	@$(BIN)/ruff format --check --quiet $(wildcard $(CHECKED))
	@$(BIN)/mypy --no-error-summary

bench: $(VENV)/.test $(PEERS)/.ready ## Print the benchmark tables, side by side with two peers
	@$(BIN)/python -m bench

migration: $(VENV)/.test ## Write the migration that leads to the models as they are: make migration NAME="add visits"
	@test -n "$(NAME)" || { echo 'say what it does: make migration NAME="add visits"' >&2; exit 2; }
	@$(BIN)/python -m migrations.run "$(NAME)"
	@$(BIN)/ruff check --fix --quiet migrations && $(BIN)/ruff format --quiet migrations

first-migration: $(VENV)/.test ## Write 0001 anew from the models; only while nothing has been released
	@$(BIN)/python -m migrations.run --first
	@$(BIN)/ruff check --fix --quiet migrations && $(BIN)/ruff format --quiet migrations

clean: ## Take away the environment and the caches; data/ stays
	@rm -rf $(VENV) $(PEERS) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed: install it, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3 cannot make environments: install the venv module (python3-venv)" >&2; exit 1; }

# The stamps keep a second `make` from asking the package index again.
$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Installing requirements (once)" >&2
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(PEERS)/.ready: bench/requirements-peers.txt | $(VENV)/bin/python
	@echo "Installing the peers to measure against (once)" >&2
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet -r bench/requirements-peers.txt
	@touch $@

# In one go, and compiled by whoever first uses it: most of it is never used.
$(VENV)/.test: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing requirements, those of the tests too (once)" >&2
	@$(BIN)/python -m pip install --quiet --no-compile -r requirements-dev.txt
	@touch $(VENV)/.run $@
