.DEFAULT_GOAL := help
.PHONY: help demo up queues test test-unit asyncapi faults fuzz lives pages bench bench-tiny lint format help-texts translations life-cycle places lock audit clean rabbitmq promtool clients

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1	/' | expand -t 20

demo: .venv/.complete rabbitmq  ## File every example dossier on a private stack and show what comes of it
	@.venv/bin/python -m tools.cli demo

up: .venv/.complete rabbitmq  ## Start the same stack and keep it, with the services' logs, until Ctrl-C
	@.venv/bin/python -m tools.cli up

queues: .venv/.complete  ## Show what waits on the queues of the stack that `make up` runs
	@.venv/bin/python -m tools.cli queues

# So that no long file begins when the others end: by the number of their tests, the quick ones would be first.
LONGEST_FIRST = tests/lives tests/faults tests/fuzz tests/integration tests/contract tests/unit

test: lint rabbitmq promtool clients  ## Run every check: lint, types, layers, and the tests on the real broker and database
	@echo "== pytest"
	@.venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(LONGEST_FIRST)

test-unit: .venv/.complete  ## Run the unit tests alone, which need no server and take seconds: after every change
	@.venv/bin/python -m pytest -q -n 2 --dist loadfile --hypothesis-profile=quick tests/unit $(ARGS)

faults: .venv/.complete rabbitmq  ## Kill servers and break connections under 20,000 messages, and check what became of each (ARGS=--help)
	@.venv/bin/python -m tests.faults --report .local/faults.md $(ARGS)

fuzz: .venv/.complete rabbitmq  ## Throw 100,000 mutated messages at the decoders, 100,000 steps at rounds and councils and 5,000 messages at the services
	@.venv/bin/python -m tests.fuzz
	@.venv/bin/python -m pytest -q -n 2 --hypothesis-profile=deep tests/fuzz/test_properties.py

lives: .venv/.complete rabbitmq  ## Play 300 random lives of products, killing services, against an oracle of the law (ARGS=--help)
	@.venv/bin/python -m tests.lives --report .local/lives.md $(ARGS)

pages: .venv/.complete  ## Look at every alert and the town's page in Chromium, on a phone and on paper, pictures in .local/pages (needs chromium; ARGS=--help)
	@.venv/bin/python -m tests.pages $(ARGS)

asyncapi: .local/npm/.complete  ## Check docs/asyncapi with AsyncAPI's own parser, and every example by its schema (needs npm)
	@echo "== asyncapi"
	@node .local/npm/check.mjs docs

bench: .local/bench/.complete rabbitmq  ## Measure speed, cost and growth, beside what people would pick instead (two hours; SIZE=small: one)
	@.local/bench/bin/python -m benchmarks --size $(or $(SIZE),full)

bench-tiny: .local/bench/.complete rabbitmq  ## Run every benchmark once in its smallest form, so that none of them rots
	@.local/bench/bin/python -m benchmarks --size tiny --report .local/benchmarks-tiny.md

lint: .venv/.complete  ## Run ruff, mypy and import-linter
	@echo "== ruff check"
	@.venv/bin/python -m ruff check
	@echo "== ruff format --check"
	@.venv/bin/python -m ruff format --check
	@echo "== mypy"
	@.venv/bin/python -m mypy
	@echo "== import-linter"
	@.venv/bin/lint-imports

format: .venv/.complete  ## Format the code and mend what ruff can mend
	@.venv/bin/python -m ruff format
	@.venv/bin/python -m ruff check --fix

help-texts: .venv/.complete  ## Write docs/help anew, which ./ocop --help shows where nothing is installed yet
	@.venv/bin/python -m tools.help_texts

translations: .venv/.complete  ## Add what the command says to its Vietnamese catalogue, ops/locale, and compile it
	@.venv/bin/python -m tools.translations

life-cycle: .venv/.complete  ## Write the table of moves in docs/lifecycle.md anew
	@.venv/bin/python -m tools.life_cycle

places: .venv/.complete  ## Write docs/places anew, from the units that the registry knows
	@.venv/bin/python -m tools.places

lock: .venv/.complete  ## Resolve the dependencies anew into requirements/*.lock (hashes, no addresses)
	.venv/bin/python -m pip install --quiet uv
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade pyproject.toml -o requirements/services.lock
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra local --extra dev -c requirements/services.lock pyproject.toml -o requirements/all.lock
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra local --extra bench -c requirements/all.lock pyproject.toml -o requirements/bench.lock

audit: requirements/all.lock  ## Look every locked dependency up in the list of known vulnerabilities (needs the advisory service)
	@python3 -m venv .local/audit
	@.local/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	@.local/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/all.lock

clean:  ## Remove all that make has made in this clone: .venv, .local with its data, caches
	@if [ -e .local/lock ] && ! flock --nonblock .local/lock true; then echo "The stack of this clone is running: stop it first, with Ctrl-C in its terminal." >&2; exit 1; fi
	rm -rf .venv .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

rabbitmq:
	@tools/bootstrap.sh rabbitmq

promtool:
	@tools/bootstrap.sh promtool

clients:
	@tools/bootstrap.sh clients

.local/npm/.complete: $(wildcard tools/contracts/npm/*) tools/contracts/npm/.npmrc
	@tools/bootstrap.sh npm

.venv/.complete: requirements/all.lock
	@tools/bootstrap.sh python

.local/bench/.complete: requirements/bench.lock
	@tools/bootstrap.sh bench
