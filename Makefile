PORT ?= 8000
# From the command line alone: some shells have a HOST that names the machine.
ifneq ($(origin HOST),command line)
HOST := 127.0.0.1
endif
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
TEST_PROCESSES ?= 3
# Images of Python set it, and each process would compile all of our code anew, a quarter of its start.
unexport PYTHONDONTWRITEBYTECODE
# What root installs belongs to the owner of this folder, who else could not upgrade it.
KEEP_OWNER = @test "$$(id -u)" != 0 || chown -R "$$(ls -ldn . | awk '{ print $$3 ":" $$4 }')" $(VENV)

# The npm packages of tests, with exact versions.
NODE_TESTS := $(patsubst %/package-lock.json,%,$(wildcard clients/*/package-lock.json chatserver/tests/*/package-lock.json chatserver/legacy/tests/*/package-lock.json))

.PHONY: help run example test test-clients bench docs check format requirements clean

help:  ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/runtime.installed  ## a chat on http://127.0.0.1:8000, with nothing to install or configure first (HOST=… PORT=…)
	@exec $(BIN)/python manage.py serve --demo --host $(HOST) --port $(PORT)

example: $(VENV)/runtime.installed  ## a small shop with the chat on its pages, on http://127.0.0.1:8080 (see docs/examples/host)
	@PYTHONPATH=clients/python exec $(BIN)/python docs/examples/host/run.py $(ARGS)

test: $(VENV)/development.installed  ## the test suite, against a real PostgreSQL and a real Valkey (ARGS=… for pytest)
	$(BIN)/python -m pytest -m "not clients" -n $(TEST_PROCESSES) --dist loadgroup --durations 20 --durations-min 10 $(ARGS)

test-clients: $(VENV)/development.installed $(NODE_TESTS:%=%/node_modules/.installed)  ## the tests that need programs of the system: Chromium, nginx, Node with npm, PgBouncer, promtool
	$(BIN)/python -m pytest -m clients -n $(TEST_PROCESSES) --dist loadgroup $(ARGS)

# Short versions of all measurements except the peers that need packages of their own. The figures are rough; run
# nothing else meanwhile.
bench: $(VENV)/runtime.installed  ## speed and memory in short, under 3 minutes; docs/performance.md has the long commands
	$(BIN)/python -m benchmarks speed all --short $(ARGS)

docs: $(VENV)/development.installed  ## a site from README and docs/, in var/site/html
	@docs/build_site.sh var/site

check: $(VENV)/development.installed  ## formatting, lint, types, layers, migrations, deployment settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	DEBUG=False SECRET_KEY=check-only-check-only-check-only-check-only-check-only ALLOWED_HOSTS=chat.example.com \
	CHAT_HTTPS=True CHAT_HTTPS_REDIRECT=True CHAT_HSTS_SECONDS=3600 CHAT_BEHIND_HTTPS_PROXY=True CHAT_NUM_PROXIES=1 \
	CHAT_OPEN_REGISTRATION=False CHAT_METRICS_TOKEN=check-only \
	DATABASE_URL=postgres://chat@db/chat REDIS_URL=redis://redis $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(VENV)/development.installed  ## format the code, and fix what the linter can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements: $(VENV)/development.installed  ## pin the newest versions of every package, the transitive ones too
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-header --no-annotate --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --unsafe-package pip --strip-extras --no-header --no-annotate --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host --extra dev --constraint requirements.txt \
		--output-file requirements-dev.txt pyproject.toml

$(VENV)/runtime.installed: requirements.txt
	@test -n "$(PYTHON)" || { echo "ChatServer needs Python 3.11 or newer; none was found."; exit 1; }
	@echo "Installing into $(VENV) (once, about a minute)"
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv module is missing; on Debian: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --requirement requirements.txt
	@touch $@
	$(KEEP_OWNER)

$(VENV)/development.installed: requirements-dev.txt $(VENV)/runtime.installed
	@$(PIP) --requirement requirements-dev.txt
	@touch $@
	$(KEEP_OWNER)

%/node_modules/.installed: %/package-lock.json
	@npm ci --prefix $* --silent --no-audit --no-fund
	@touch $@

clean:  ## remove the virtual environment and all data of the embedded engines
	rm -rf $(VENV) var $(NODE_TESTS:%=%/node_modules)
