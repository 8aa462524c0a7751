# Alur from nothing but Python 3.11 or newer, make and git. `make` alone lists what there is.

VENV ?= .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help run test check assets lint types layers migrations audit check-diagrams check-clients chromium screenshots fuzz bench faults lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  Settings: VENV=$(VENV), PYTHON=<path of a Python 3.11 or newer>, PORT=<port of make run>"

# --- Using it -------------------------------------------------------------------------------------------------------

run: assets ## Start Alur with the six SOPs and demonstration users (PORT=8000 asks for that port)
	@exec $(VENV)/bin/alur run $(if $(PORT),--port $(PORT))

# --- Proving it -----------------------------------------------------------------------------------------------------

test: $(VENV)/.dev assets chromium ## Run every test, on SQLite and on a real PostgreSQL (PYTEST_ARGS="-k calendar" runs some)
	@$(PY) -m pytest -n auto $(PYTEST_ARGS)

check: lint types layers migrations audit ## Lint, types, layers, migrations and the audit of dependencies
	@echo "All checks ran."

lint: $(VENV)/.dev
	@echo "Lint and format:"
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check

types: $(VENV)/.dev
	@echo "Types:"
	@$(PY) -m mypy

layers: $(VENV)/.dev
	@echo "Layers:"
	@$(VENV)/bin/lint-imports

# On a database of its own: every migration there and back, and the models must say what the migrations built.
migrations: $(VENV)/.dev
	@echo "Migrations:"
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
	export ALUR_ENVIRONMENT=demo ALUR_DATA_DIR="$$scratch" ALUR_DATABASE_URL="sqlite:///$$scratch/check.db" && \
	for step in "upgrade head" "check" "downgrade base" "upgrade head"; do \
		$(PY) -m alembic $$step || exit 1; \
	done

audit: $(VENV)/.dev
	@echo "Audit of dependencies:"
	@$(PY) -m tests.house.audit

check-diagrams: tests/diagrams/node_modules/.ready $(VENV)/.dev ## Check what is in bpmn/, and our lint, with bpmn.io's own tools
	@cd tests/diagrams && npm test && npm run test:render && npm run check && npm run templates && npm run render && \
		PYTHON="$(abspath $(PY))" npm run compare-lint

tests/diagrams/node_modules/.ready: tests/diagrams/package-lock.json
	@if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then \
		echo "The diagrams are checked with bpmn.io's own tools, which need Node.js 20.19 or newer with npm."; \
		echo "tests/diagrams/README.md says where to get it where the system has an older one, or none."; \
		exit 1; \
	fi
	@echo "Installing the diagram tools into tests/diagrams/node_modules ..."
	@cd tests/diagrams && npm ci --ignore-scripts --no-fund --no-audit
	@touch $@

check-clients: tests/clients/node_modules/.ready $(VENV)/.dev ## Let Camunda's own worker for Node.js work for Alur
	@$(PY) -m tests.clients.check

tests/clients/node_modules/.ready: tests/clients/package-lock.json
	@if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then \
		echo "Camunda's worker needs Node.js 20 or newer with npm; tests/diagrams/README.md says where to get it."; \
		exit 1; \
	fi
	@echo "Installing Camunda's worker into tests/clients/node_modules ..."
	@cd tests/clients && npm ci --ignore-scripts --no-fund --no-audit
	@touch $@

# The pages are tested in a real browser. Where none is found, root of a system with apt-get is given one; everybody else
# is told what to type.
chromium: $(VENV)/.dev
	@said=$$($(PY) -m tests.web.chromium 2>&1) && exit 0; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then echo "$$said"; exit 1; fi; \
	echo "[tests] Installing Chromium with apt-get, to test the pages in (some 300 MB, once) ..."; \
	export DEBIAN_FRONTEND=noninteractive; log=$$(mktemp) && trap 'rm -f "$$log"' EXIT; \
	install='apt-get install -y --no-install-recommends chromium'; \
	$$install >"$$log" 2>&1 || { apt-get update && $$install; } >"$$log" 2>&1 || { \
		tail -n 20 "$$log"; echo "Chromium could not be installed: the reason is above. $$said"; exit 1; }

screenshots: $(VENV)/.dev assets chromium ## Photograph every page, in both themes and languages (SCREENSHOTS_ARGS="--readme")
	@$(PY) -m tests.web.screenshots $(SCREENSHOTS_ARGS)

fuzz: $(VENV)/.dev assets ## Send what nobody has thought of to every operation of the API (FUZZ_ARGS="--examples 1000 --seed 7")
	@$(PY) -m tests.security.fuzzing $(FUZZ_ARGS)

bench: $(VENV)/.dev assets ## Run the benchmarks
	@$(PY) -m bench

faults: $(VENV)/.dev assets ## Strike Alur for hours: kills, lost databases, races (SEED=, FAULTS_ARGS="kills --scale 0.1")
	@$(PY) -m tests.faults $(if $(SEED),--seed $(SEED)) $(FAULTS_ARGS)
	@[ -n "$(FAULTS_ARGS)" ] || [ ! -f tests/jobs/timers.py ] || $(PY) -m tests.jobs.timers

# --- The environment ------------------------------------------------------------------------------------------------
# A stamp is written when its step is complete, so an interrupted step is done again and a finished one never is.

$(VENV)/.created:
	@found=''; python=''; \
	for candidate in $(if $(PYTHON),"$(PYTHON)",python3.11 python3.12 python3.13 python3.14 python3); do \
		"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
		found=$$candidate; \
		if "$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Alur needs Python 3.11 or newer; $(if $(PYTHON),PYTHON=$(PYTHON) is not one,none was found)."; \
		echo "On Debian or Ubuntu: sudo apt install python3 python3-venv"; \
		echo "If it is installed elsewhere, say where: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; \
		exit 1; \
	fi; \
	if [ -z "$$python" ]; then \
		version=$$("$$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "$$found is Python $$version but lacks its venv module, which Debian and Ubuntu package apart."; \
		echo "Install it, then run the same command again: sudo apt install python$$version-venv"; \
		exit 1; \
	fi; \
	echo "[1/3] Making a Python environment in $(VENV) with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear "$(VENV)"
	@touch $@

fetch_failed = { echo; \
	echo "The packages could not be installed: the reason is the ERROR line above. Alur needs the Python package index,"; \
	echo "or a mirror of it that pip is set to use, the first time. Then run the same command again: it goes on from here."; \
	exit 1; }

$(VENV)/.runtime: $(VENV)/.created requirements/runtime.txt requirements/build.txt pyproject.toml
	@rm -f $@
	@echo "[2/3] Fetching the libraries Alur runs on (some 50 packages, 100 MB; about half a minute, once) ..."
	@$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt || $(fetch_failed)
	@echo "[3/3] Installing Alur itself, and building the scripts and styles of its pages ..."
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@rm -f $@
	@echo "[tests] Fetching what the tests need (a PostgreSQL among it; about half a minute, once) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt || $(fetch_failed)
	@touch $@

assets: $(VENV)/.runtime ## Build the scripts and styles of the pages, if their sources changed
	@$(PY) app/web/frontend/build_hook.py

lock: $(VENV)/.created ## Write requirements/ anew from pyproject.toml (LOCK_ARGS=--upgrade takes newer versions)
	@$(PIP) install --quiet --require-hashes -r requirements/lock.txt || $(fetch_failed)
	@$(call compile,lock) --group lock
	@$(call compile,dev) pyproject.toml --group dev --group build
	@$(call compile,build) --group build --constraint requirements/dev.txt
	@$(call compile,runtime) pyproject.toml --constraint requirements/dev.txt

compile = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" $(LOCK_ARGS) --output-file requirements/$(1).txt

clean: ## Remove the environment and everything generated; the data in data/ stays
	rm -rf "$(VENV)" dist build app/web/static app/web/frontend/node_modules tests/diagrams/node_modules tests/clients/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find app bench migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +
