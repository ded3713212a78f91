# `make` alone lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8787
GENERATIONS ?= 2000
DATA ?= .data
BIN := .venv/bin
PYTEST := $(BIN)/pytest -q

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# --- set up: each step runs again only when what it reads has changed

.make/venv: requirements.txt requirements-dev.txt pyproject.toml
	@mkdir -p .make
	@echo "Setting up the Python environment in .venv (about a minute the first time) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.make/web: web/package.json web/package-lock.json
	@mkdir -p .make
	@echo "Installing the web client's packages …"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.make/peers: tests/peers/package.json tests/peers/package-lock.json
	@mkdir -p .make
	@echo "Installing the servers that the tests talk to …"
	@cd tests/peers && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.make/dist: .make/web $(shell find web -type f \( -name '*.ts' -o -name '*.vue' -o -name '*.css' -o -name '*.html' -o -name '*.json' -o -name '*.svg' \) -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
	@echo "Building the web client …"
	@cd web && npm run --silent build
	@touch $@

.PHONY: setup
setup: .make/venv .make/dist ## set up everything that is missing

# --- use

.PHONY: run
run: setup ## start everything on this machine: PORT=8787 DATA=.data LAN=1
	@exec $(BIN)/python -m devcloud --port $(PORT) --data $(DATA) $(if $(filter 1,$(LAN)),--lan)

# --- check

.PHONY: lint types contracts unit integration gateway browser web-test test test-all
lint: .make/venv ## ruff
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .make/venv ## mypy --strict
	$(BIN)/mypy

contracts: .make/venv ## who may import whom, and that generated files are fresh
	$(BIN)/lint-imports
	$(BIN)/python -m cli.contracts --check

unit: .make/venv ## pure rooms, models, faults
	$(PYTEST) tests/unit tests/test_house.py

integration: .make/venv .make/peers ## stores, services, REST and the worker with moto and a real redis-server
	$(PYTEST) tests/integration

gateway: .make/venv ## real HTTP and sockets against the local cloud
	$(PYTEST) tests/gateway

browser: setup ## the journeys a person makes, in Chromium
	$(PYTEST) tests/browser

web-test: .make/web ## the web client: types, unit tests
	cd web && npm run --silent check

test: setup .make/peers lint types contracts web-test ## everything a clean machine proves in ten minutes
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder tests

SEED ?= 1
SCHEDULES ?= 10000
.PHONY: two-writers
two-writers: .make/venv ## two devices write in one chat: SEED=1 SCHEDULES=10000
	$(BIN)/python -m tests.two_writers --seed $(SEED) --schedules $(SCHEDULES)

.PHONY: chaos
chaos: .make/venv ## replies while everything dies: SEED=1 GENERATIONS=2000 MODE=redis|cluster|dynamo (all three without it)
	@$(BIN)/python -m tests.chaos --seed $(SEED) --generations $(GENERATIONS) $(if $(MODE),--mode $(MODE))

.PHONY: peers
peers: .make/venv ## SillyTavern, from npm in a temporary place, opens what we export: characters, chats, worlds, presets compared
	$(BIN)/python -m tests.sillytavern

test-all: test two-writers ## the long suites too
	@$(MAKE) chaos GENERATIONS=600

# --- make

.PHONY: generate package layer chalice-local bench bench-prompts bench-streaming bench-sockets bench-drawing bench-coming-back
generate: .make/venv ## write docs/openapi.json, docs/socket.md and web/src/api/schema.ts again
	$(BIN)/python -m cli.contracts

package: .make/venv ## the zip for AWS Lambda
	AWS_DEFAULT_REGION=us-east-1 $(BIN)/chalice package --stage dev build/package
	$(BIN)/python -m infra.bundle build/package/deployment.zip

layer: .make/venv ## the layer with the second engine for patterns, docs/decisions/0012
	rm -rf build/layer && $(BIN)/pip install -q --no-deps --only-binary=:all: --platform manylinux2014_x86_64 --platform manylinux1_x86_64 \
		--python-version 3.11 --implementation cp --abi none --target build/layer/python $$(grep ^wasmtime== requirements-dev.txt)
	strip --strip-unneeded build/layer/python/wasmtime/linux-*/*.so && rm -rf build/layer/python/*.dist-info
	cd build/layer && $(CURDIR)/$(BIN)/python -m zipfile -c ../layer.zip python

chalice-local: .make/venv ## Chalice's own server for the REST doors, beside a running `make run`
	@test -f $(DATA)/environment || { echo "Start 'make run' first: it brings the tables, the bucket and the queues."; exit 1; }
	@. $(DATA)/environment && exec $(BIN)/chalice local --stage local --port 8000

bench: setup ## what docs/benchmarks.md reports
	$(BIN)/python -m benchmarks.run

bench-prompts: .make/venv ## prompts from long chats and scans of world info, on the processor
	$(BIN)/python -m benchmarks.prompting
	$(BIN)/python -m benchmarks.lore

bench-streaming: setup ## what docs/benchmarks-streaming.md reports: 1 to 1,000 replies at once (WORKERS=1)
	$(BIN)/python -m benchmarks.streaming --workers $(or $(WORKERS),1)

bench-sockets: setup ## whether readers notice that their sockets are renewed (MINUTES=30 SOCKETS=100 WORKERS=1)
	$(BIN)/python -m benchmarks.sockets --minutes $(or $(MINUTES),30) --readers $(or $(SOCKETS),100) --workers $(or $(WORKERS),1)

bench-coming-back: setup ## how soon a reader that lost its socket has caught up, and how soon a stop stops
	$(BIN)/python -m benchmarks.coming_back

bench-drawing: setup ## how smoothly a page draws: docs/benchmarks-drawing.md
	$(BIN)/python -m benchmarks.drawing
