# Everything an operator or a developer starts from here. Safe to repeat; installs what is missing.
MODE ?= parallel
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help install run stop status test check bench lock clean
help:
	@echo "make run [MODE=sequential|workers] | stop | status | test | check | bench | install"

install: $(VENV)/.installed node_modules/.installed .env
	@sh scripts/install_browser.sh

run: install
	@$(BIN)/python -m standalone.launcher start --mode $(MODE)
	@$(BIN)/fleet status || true

stop:
	@if [ -x $(BIN)/python ] && [ -x node_modules/.bin/pm2 ]; then $(BIN)/python -m standalone.launcher stop; fi

status: $(VENV)/.installed
	@$(BIN)/fleet status

test: $(VENV)/.installed-dev node_modules/.installed
	@sh scripts/install_browser.sh
	$(BIN)/python -m pytest -n 3

check: $(VENV)/.installed-dev node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 3

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench

$(VENV)/bin/python:
	@sh scripts/make_venv.sh $(PYTHON) $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

node_modules/.installed: package-lock.json package.json
	npm ci --silent
	@touch $@

.env:
	install -m 600 .env.example .env

# Versions and hashes only; no index is named.
lock: $(VENV)/bin/python
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --extra build --generate-hashes --no-emit-index-url --no-annotate --no-header --universal -p 3.11 -o requirements.lock
	$(BIN)/uv pip compile --quiet pyproject.toml --extra build --extra dev -c requirements.lock --generate-hashes --no-emit-index-url --no-annotate --no-header --universal -p 3.11 -o requirements-dev.lock

clean: stop
	rm -rf $(VENV) node_modules
