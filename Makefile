# What people and CI run. `make demo` and `make test` need Python 3.11 and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: demo test soak properties serve bench bench-quick words check-fast lock sbom audit clean

demo: $(READY)  ## a ready office: seeded portfolio, several weeks of business days, messages in a folder
	$(BIN)/incasso demo --folder demo-office

test: $(READY)  ## every check: format, lint, types, floors, tests on both databases; AREA=sending: only the tests of that area, a folder of tests/
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check $(AREA)

soak: $(READY)  ## about an hour: 10,000 kills over every command and 100,000 spoiled inputs, all new; prints how many
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check soak

properties: $(READY)  ## long: property tests with twenty times as many examples, all new
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check properties

check-fast: $(READY)  ## the fast half: format, lint, types, floors
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check fast

serve: $(READY) demo-office/plugins.toml  ## the demo office at work: its scheduler and its HTTP interface
	$(BIN)/incasso --config demo-office/plugins.toml worker & worker=$$!; \
	trap 'kill $$worker 2>/dev/null; wait $$worker' EXIT; \
	$(BIN)/incasso --config demo-office/plugins.toml serve

words: $(READY)  ## catalogues of the languages: new words in, unused out, compiled; tells what is left
	$(BIN)/python -m incasso.locale.update core/incasso $(dir $(wildcard connectors/*/__init__.py \
		channels/*/__init__.py providers/*/__init__.py))

bench: $(READY)  ## speed and memory as ratios against plain limits, both databases, up to a million rows: hours; BENCH="--cases sync"
	$(BIN)/python -m bench $(BENCH)

bench-quick: $(READY)  ## the same rows, small, in about two minutes: run it before you commit
	$(BIN)/python -m bench --quick $(BENCH)

lock: $(READY)  ## every dependency with its hashes, from pyproject.toml and constraints.txt
	scripts/lock

sbom: $(READY)  ## a bill of materials of what an office installs: dist/incasso.cdx.json
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/sbom

audit:  ## known vulnerabilities of what an office installs, where a database of them can be reached
	scripts/audit

demo-office/plugins.toml:
	$(MAKE) demo

$(READY): pyproject.toml locks/development.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Incasso needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/development.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf $(VENV) .tools demo-office build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
