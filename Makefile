# Two commands from a fresh machine: `make run` and `make test`.
# The first one that really runs: a name on the PATH may be a version manager's shim for a version that is switched off.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check lock screenshots clean
.DEFAULT_GOAL := run

run: $(VENV)/.installed-run  ## play the built-in scenario: page, desk and a local Slack on http://127.0.0.1:8080/
	@$(BIN)/hubbub demo $(ARGS)

test: $(VENV)/.installed-dev  ## run every test; parts that are not on this machine skip with the reason
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev  ## style, types and the rule of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(BIN)/python:
	@test -n "$(PYTHON)" || \
	  { echo "hubbub needs Python 3.11 or newer, and none was found. Try: make run PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.installed-run: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed-run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@# The MongoDB-wire server is test-only and has wheels for some machines; without it those tests skip.
	-@$(BIN)/python -m pip install --quiet --disable-pip-version-check secantusdb==0.6.0b17 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --find-links ../shared/wheels secantusdb==0.6.0b17 2>/dev/null || true
	@touch $@

lock:  ## renew the locked dependencies (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate -c requirements.lock pyproject.toml --group dev -o requirements-dev.lock

screenshots: $(VENV)/.installed-dev  ## renew the pictures of the README (needs chromium)
	$(BIN)/python -m tests.screenshots docs/images

clean:
	rm -rf $(VENV) build dist *.egg-info
