# `make demo` and `make test` need Python 3.11 or newer and nothing else; each target makes what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The shipped model never sees the test part.
CORPUS := samples/commune/train.jsonl samples/commune/validation.jsonl samples/commune/alarms.jsonl

.PHONY: demo test lint format bench fuzz model lock clean

demo: $(VENV)/.runtime
	$(BIN)/triage demo

test: $(VENV)/.development
	$(BIN)/python -m pytest

lint: $(VENV)/.development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.development
	$(BIN)/python benchmarks/accuracy.py
	$(BIN)/python benchmarks/robustness.py
	$(BIN)/python benchmarks/speed.py

fuzz: $(VENV)/.development
	$(BIN)/python benchmarks/fuzz.py 60000

# Train the shipped model from the corpus (about a minute; the same corpus gives the same model).
model: $(VENV)/.runtime
	$(BIN)/triage train $(CORPUS) --axis service --axis nature --axis urgency --flags --model models/commune

# Resolve the pinned dependencies anew; the lock files name no package host.
lock:
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	$(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		--extra build --extra encoder pyproject.toml -o requirements.lock
	$(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		--extra build --extra encoder --extra cluster --extra parquet --extra postgres --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

# Everything, the French model included, installs from the locks with hashes checked.
$(VENV)/.runtime: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.development: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

clean:
	rm -rf $(VENV) out build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
