# Clavero. `make demo` needs Python >= 3.11 with venv and nothing else.
SHELL := /bin/bash
PYTHON := $(shell for v in python3.13 python3.12 python3.11 python3; do if command -v $$v >/dev/null 2>&1 && $$v -c 'import sys; sys.exit(sys.version_info < (3,11))' 2>/dev/null; then echo $$v; break; fi; done)
VENV ?= .venv
BIN := $(VENV)/bin
.PHONY: help demo demo-fresh test check check-attacks check-security bench lock css docs messages clean

help:
	@echo "make demo        the portal with a made-up cast, at http://localhost:8000"
	@echo "make demo-fresh  the same, starting over"
	@echo "make test        every test there is on this machine"
	@echo "make check       format, lint, types, import contracts, migrations, docs"
	@echo "make check-attacks  every attack test passes, and fails without its defence (ARGS=\"07 13b\": only those)"
	@echo "make check-security  the slow and the outside judges, one line each (ARGS=--missing-ok where one cannot be had)"
	@echo "make docs        writes the documents that derive from the code"
	@echo "make bench       what it costs, against floors measured in the same run"

$(BIN)/.runtime: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Clavero needs Python 3.11 or newer (python3.11, python3.12 or python3.13)."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 2; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(BIN)/.test: $(BIN)/.runtime requirements-test.txt requirements-postgres.txt requirements-check.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-postgres.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-check.txt
	@touch $@

demo: $(BIN)/.runtime
	@$(BIN)/python -m clavero.demo

demo-fresh: $(BIN)/.runtime
	@$(BIN)/python -m clavero.demo --fresh

test: $(BIN)/.test
	@$(BIN)/python scripts/run_tests.py $(ARGS)

check: $(BIN)/.test
	@$(BIN)/python scripts/check.py

check-attacks: $(BIN)/.test
	@$(BIN)/python scripts/check_attacks.py $(ARGS)

check-security: $(BIN)/.test
	@$(BIN)/python scripts/check_security.py $(ARGS)

bench: $(BIN)/.test
	@$(BIN)/python -m benchmarks $(ARGS)

lock:
	@bash scripts/lock.sh

css:
	@bash scripts/css.sh

docs: $(BIN)/.test
	@for script in scripts/*_docs.py; do $(BIN)/python $$script || exit 1; done

messages: $(BIN)/.test docs
	@$(BIN)/python scripts/messages.py

clean:
	rm -rf $(VENV) var .hypothesis .mypy_cache .ruff_cache
