# make run   set everything up and serve the demo at http://127.0.0.1:$(PORT)
# make test  set everything up and run the tests
# make check ruff, mypy, import contracts, migrations, deployment settings
# make shots pictures of every screen into var/screens (needs Chromium)

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin
export PYTHONUNBUFFERED = 1

.PHONY: run test check shots bench clean setup

run: .venv/serve
	@DEBUG=$${DEBUG:-1} $(BIN)/python manage.py migrate --verbosity 0
	@DEBUG=$${DEBUG:-1} $(BIN)/python manage.py demo
	@printf '\n  Open   http://%s:%s/         the product, with the demo bot\n         http://%s:%s/studio/  for staff (login above)\n         http://%s:%s/api/docs/  the API\n\n' $(HOST) $(PORT) $(HOST) $(PORT) $(HOST) $(PORT)
	@DEBUG=$${DEBUG:-1} PUBLIC_URL=$${PUBLIC_URL:-http://$(HOST):$(PORT)} $(BIN)/python -m uvicorn apps.config.asgi:application --host $(HOST) --port $(PORT) \
		--ws-max-size 65536 --no-access-log --log-level warning

test: .venv/develop
	$(BIN)/pytest

check: .venv/develop
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/messages.py --check
	DEBUG=1 $(BIN)/python manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') HTTPS=1 \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

shots: .venv/develop
	$(BIN)/python -m scripts.screens

bench: .venv/develop
	DEBUG=1 $(BIN)/python manage.py bench

setup: .venv/develop

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Creating the virtual environment .venv …"
	@$(PYTHON) -m venv .venv

.venv/serve: requirements.txt | .venv/bin/python
	@echo "Installing what serving needs (about a minute) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/develop: requirements.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need (about a minute) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/serve

clean:
	rm -rf .venv var staticfiles
