# Parley's commands. `make help` lists them. Only Python (3.11 or newer) and make are needed.
PYTHON ?= python3
ifeq ($(strip $(PYTHON)),)
PYTHON := python3
endif
VENV := .venv/bin
BOOTSTRAP := $(PYTHON) engines/bootstrap.py
CHROMIUM ?= /usr/bin/chromium
# Settings given as `make run PORT=8001` reach the programs.
export CHROMIUM
# Python keeps what it compiled, whatever the environment says: otherwise each process would compile Parley anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check lint types browser messages docs lock bench-data bench

help: ## List the commands
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: ## Set up everything and run Parley with its demo at http://127.0.0.1:8000 (PORT, HOST, PARLEY_DATA, ... choose otherwise)
	@$(BOOTSTRAP) run && exec $(VENV)/python -m engines.supervisor --stop-with-parent

test: ## Set up everything and run the tests that need no browser
	@$(BOOTSTRAP) test && $(VENV)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not browser" $(ARGS)

check: lint types test browser ## Everything: style, types, tests, and the tests in a real browser

lint: ## Check style: Python and templates
	@$(BOOTSTRAP) lint
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/djlint templates --lint --quiet

types: ## Check types
	@$(BOOTSTRAP) lint
	$(VENV)/mypy

browser: ## Run the tests in a real browser (Chromium at /usr/bin/chromium, or CHROMIUM=...)
	@test -x "$(CHROMIUM)" || { echo "The browser tests need Chromium, and $(CHROMIUM) is not there. Install it (Debian: apt-get install chromium) or say where it is: make browser CHROMIUM=/path/to/chromium" >&2; exit 1; }
	@$(BOOTSTRAP) browser
	@$(VENV)/python -c "import playwright, axe_playwright_python" || { echo "The browser tests need the Python packages of requirements/browser.txt; the line above says what is missing." >&2; exit 1; }
	$(VENV)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m browser $(ARGS) tests/browser

messages: ## Collect the words of pages and mails into translations/ (docs/howto/06-words-and-languages.md)
	@$(BOOTSTRAP) run && $(VENV)/python -m portal.messages $(ARGS)

docs: ## Write the pages of docs/ that are generated from the code
	@$(BOOTSTRAP) run && SECRET_KEY=docs DATABASE_URL=postgresql+psycopg://localhost/docs $(VENV)/flask --app app docs
	@$(VENV)/python -m tests.support.acceptance_points

CASES ?= 100000
ROUNDS ?= 40

bench-data: ## Load CASES=100000 bulk cases into a database of its own, and say how to serve it
	@$(BOOTSTRAP) bench && $(VENV)/python -m bench.data --cases $(CASES) $(if $(SEED),--seed $(SEED)) $(if $(UNTIL),--until $(UNTIL))

bench: ## Compare Parley with two baselines on that data (GROWTH="10000 100000" for a table), then every page, idle desks and open chats; results: bench/RESULTS.md, bench/pages.json
	@$(BOOTSTRAP) bench && $(VENV)/python -m bench.compare --cases $(CASES) --rounds $(ROUNDS) --growth "$(GROWTH)" && CASES=$(CASES) $(VENV)/python -m bench.every_page && $(VENV)/python -m bench.idle_desks --cases $(CASES) && $(VENV)/python -m bench.chat

# The lock that uv makes records where each package came from; it stays in a temporary folder. What is kept are the
# exported requirement files: names, versions, hashes, no addresses.
LOCKED = cp pyproject.toml "$$folder" && cd "$$folder" && $(CURDIR)/$(VENV)/uv lock --quiet
EXPORT = $(CURDIR)/$(VENV)/uv export --quiet --frozen --no-emit-project --no-header --format requirements-txt
INTO = --output-file $(CURDIR)/requirements

lock: ## Renew requirements/*.txt from pyproject.toml
	@$(BOOTSTRAP) lint
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; $(LOCKED); { \
	  $(EXPORT) $(INTO)/run.txt; \
	  $(EXPORT) --extra embedded $(INTO)/embedded.txt; \
	  for group in setup test browser bench lint; do $(EXPORT) --only-group $$group $(INTO)/$$group.txt; done; \
	} > /dev/null
	@! grep -l '://' requirements/*.txt || { echo "A requirements file names an address; the lines above say which file." >&2; exit 1; }
	@echo "requirements/ is renewed; read the difference, then run make check."
