# Two commands: make demo, make test. Both set up what they need.
.PHONY: demo test check coverage manual messages lock bench clean
PYTHON := .venv/bin/python
GREMIUM := .venv/bin/gremium

# One step of the demonstration: shows the command, then runs it.
define step
	@printf '\n\033[1m$$ gremium %s\033[0m\n' '$(1)'
	@$(GREMIUM) $(1)
endef

demo:
	@.ci/setup run
	$(call step,check)
	$(call step,build)
	$(call step,approve --by Demo-Freigabe)
	$(call step,sign memorandum)
	$(call step,send invitation --really --yes all)
	$(call step,council)
	$(call step,report)
	$(call step,status)
	@printf '\n\033[1mWo es liegt\033[0m\n'
	@printf '  %-34s %s\n' \
	  outputs/report.html 'die Übersicht: im Browser öffnen' \
	  outputs/memorandum/ 'ein Memorandum je Partner, Word und PDF' \
	  outputs/signed/memorandum/ 'dieselben mit Unterschriften (Demonstration)' \
	  outputs/council/ 'die Mappe für den Rat' \
	  outputs/outbox/ 'jede Einladung als fertige Nachricht' \
	  outputs/ledger.sqlite 'das Verzeichnis: was wann gemacht wurde'

test:
	@.ci/setup dev
	@$(PYTHON) -m pytest -q -n auto --dist loadfile

check:
	@.ci/setup dev
	@.venv/bin/ruff check pipeline tests tools bench
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PYTHON) -m pytest -q -m "not slow"

# Which lines and branches the tests walk; the page to look at is .coverage-html/index.html.
coverage:
	@.ci/setup dev
	@rm -f .coverage .coverage.*
	@$(PYTHON) -m pytest -q -n auto --dist loadfile --cov --cov-report=term --cov-report=html:.coverage-html

# The manual, to be opened from disk: site/index.html.
manual:
	@.ci/setup dev
	@$(PYTHON) -m tools.manual
	@NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict -q
	@printf 'site/index.html\n'

# What is promised of speed, measured side by side with what people use today; writes docs/benchmarks.md. One alone: python -m bench NAME.
bench:
	@.ci/setup dev
	@$(PYTHON) -m bench

# Which sentences have no English yet; docs/languages.md says how they get it.
messages:
	@$(PYTHON) -m tools.messages

# New versions of all packages, pinned with hashes and without an address.
lock:
	uv pip compile pyproject.toml --extra install --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --extra install --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -c requirements.lock -o requirements-dev.lock

clean:
	find outputs -mindepth 1 -not -name .gitkeep -delete
