# make demo   run the workflow on the simulated data set; ends with the path of the report
# make demo-transfer   the same for transfer from a network pretrained on a related task
# make test   run the tests
# make bench  measure what the workflow adds to the work itself
# Both first set up .venv from the lock; nothing else on the machine is used.

# TensorFlow has packages for these versions of Python.
PYTHON := $(shell for p in python3.12 python3.11 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
CORES ?= 2
READY := .venv/ready

.PHONY: demo demo-transfer test lint bench clean

demo: $(READY)
	$(BIN)/snakemake --cores $(CORES) --directory runs/demo \
		--configfile config/examples/simulated_sequences/config.yaml
	@echo "The report: $(CURDIR)/runs/demo/results/report/report.html"

demo-transfer: $(READY)
	$(BIN)/snakemake --cores $(CORES) --directory runs/demo-transfer \
		--configfile config/examples/simulated_transfer/config.yaml
	@echo "The report: $(CURDIR)/runs/demo-transfer/results/report/report.html"

test: $(READY) lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

$(READY): envs/requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and was not found."; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement envs/requirements.lock
	touch $(READY)

bench: $(READY)
	$(BIN)/python tests/bench/bench.py

clean:
	rm -rf .venv runs
