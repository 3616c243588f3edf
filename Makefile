# Two commands: make demo, make test. Both set up what they need.
.PHONY: demo test check lock bench clean
PYTHON := .venv/bin/python
GREMIUM := .venv/bin/gremium

demo:
	@.ci/setup run
	@$(GREMIUM) demo

test:
	@.ci/setup dev
	@$(PYTHON) -m pytest -q

check:
	@.ci/setup dev
	@.venv/bin/ruff check pipeline tests
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PYTHON) -m pytest -q -m "not slow"

# New versions of all packages, pinned with hashes and without an address.
lock:
	uv pip compile pyproject.toml --extra install --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --extra install --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -c requirements.lock -o requirements-dev.lock

clean:
	find outputs -mindepth 1 -not -name .gitkeep -delete
