# `make run` and `make test` need Python 3.11 or newer with venv, and nothing else; `make` lists the rest.

VENV := .venv
VAR_DIR ?= var
PY := $(VENV)/bin/python
EMBEDDED := $(PY) -m harmony.embedded
TEMPLATES := templates
# How many processes share the tests; each has a database of its own.
WORKERS ?= 2
# A production start, for the checks that look at the settings; nothing of it is connected to.
PRODUCTION := env -u DEMONSTRATION -u DEBUG SECRET_KEY=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ \
  SITE_URL=https://vote.example.org ALLOWED_HOSTS=vote.example.org DEFAULT_FROM_EMAIL=vote@example.org \
  EMAIL_URL=smtp+tls://user:password@mail.example.org:587 KEYRING_FILE=/dev/null \
  DATABASE_URL=postgresql://harmony@localhost/harmony REDIS_URL=redis://localhost:6379/0

.PHONY: help run test check check-format check-lint check-types check-templates check-migrations check-deployment \
  policy bench lock clean
.DEFAULT_GOAL := help

help:
	@echo 'make run      the whole site on this machine, with a demonstration party (Ctrl-C stops it)'
	@echo 'make test     all tests, those in a browser included; ARGS="-k word" picks some'
	@echo 'make check    formatting, lint, types, templates, migrations, deployment settings'
	@echo 'make policy   which clause of the policy is proved by which test'
	@echo 'make bench    what it carries: counting, unsealing, casting'
	@echo 'make lock     pins what requirements.in and requirements-dev.in ask for'
	@echo 'make clean    removes the environment and $(VAR_DIR)/, the data of `make run` included'

run: $(VENV)/runtime.done
	@$(EMBEDDED) --var $(VAR_DIR) --web -- $(PY) manage.py up

test: $(VENV)/development.done
	@$(PY) -m tests.chromium
	@$(EMBEDDED) --var $(VAR_DIR)/test --fast -- $(PY) -m pytest --numprocesses $(WORKERS) $(ARGS)

# `make -k check` goes on after the first kind of fault.
check: check-format check-lint check-types check-templates check-migrations check-deployment
check-format: $(VENV)/development.done
	$(PY) -m ruff format --check .
check-lint: $(VENV)/development.done
	$(PY) -m ruff check .
check-types: $(VENV)/development.done
	$(PRODUCTION) $(PY) -m mypy .
check-templates: $(VENV)/development.done
	$(PY) -m djlint --quiet --lint $(TEMPLATES)
check-migrations: $(VENV)/development.done
	$(EMBEDDED) --var $(VAR_DIR)/check --fast -- $(PY) manage.py makemigrations --check --dry-run
check-deployment: $(VENV)/development.done
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

policy: $(VENV)/development.done
	@$(PY) -m tests.chromium
	@$(EMBEDDED) --var $(VAR_DIR)/policy --fast -- $(PY) -m tests.policy_report $(ARGS)

bench: $(VENV)/development.done
	@$(EMBEDDED) --var $(VAR_DIR)/bench -- $(PY) -m tests.bench.run $(ARGS)

UV := $(VAR_DIR)/uv/bin/python -m uv
PIN := pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
  --no-annotate --no-header --quiet
lock: $(VENV)/venv.done
	test -x $(VAR_DIR)/uv/bin/python || $(PY) -m venv $(VAR_DIR)/uv
	$(VAR_DIR)/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) $(PIN) requirements.in -o requirements.txt
	$(UV) $(PIN) -c requirements.txt requirements-dev.in -o requirements-dev.txt

# PostgreSQL's data may lie elsewhere, for root in a folder that others cannot enter; $(VAR_DIR)/elsewhere points there.
clean:
	@for link in $(VAR_DIR)/elsewhere $(VAR_DIR)/*/elsewhere; do \
	  case "$$(readlink "$$link")" in /var/lib/harmony/data-*) rm -rf "$$(readlink "$$link")" ;; esac; \
	done
	rm -rf $(VENV) $(VAR_DIR) .mypy_cache .pytest_cache .ruff_cache .hypothesis

# --- The environment: made once, and again when what it is made of changes -------------------------
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes

$(VENV)/runtime.done: $(VENV)/venv.done requirements.txt
	@echo 'Installing what Harmony runs on; this takes a minute or two, once ...'
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/development.done: $(VENV)/runtime.done requirements-dev.txt
	@echo 'Installing what the tests need; this takes a minute or two, once ...'
	@$(PIP) -r requirements-dev.txt
	@touch $@

# An environment whose Python has gone away (an upgrade, a moved checkout) is made anew.
ifneq ($(shell $(PY) -c 'import pip' 2>/dev/null && echo works),works)
.PHONY: $(VENV)/venv.done
endif

$(VENV)/venv.done:
	@$(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && touch $@ && exit 0; \
	rm -rf $(VENV); \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  $$python -c '' >/dev/null 2>&1 || continue; \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { old="$$($$python -V 2>&1) ($$python)"; continue; }; \
	  $$python -c 'import ensurepip, venv' 2>/dev/null || { bare="$$($$python -V 2>&1) ($$python)"; continue; }; \
	  echo "Making an environment in $(VENV) with $$($$python -V 2>&1) ..."; \
	  $$python -m venv $(VENV) && touch $@ && exit 0; \
	done; \
	if [ -n "$$bare" ]; then \
	  echo "$$bare lacks the modules venv and ensurepip: on Debian or Ubuntu, apt-get install python3-venv." >&2; \
	elif [ -n "$$old" ]; then \
	  echo "Harmony needs Python 3.11 or newer, and this is $$old. Install one, or name one: PYTHON=/path/to/it." >&2; \
	else \
	  echo "Harmony needs Python 3.11 or newer, and there is none in PATH. Install one, or name one: PYTHON=/path/to/it." >&2; \
	fi; exit 1
