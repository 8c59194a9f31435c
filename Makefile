# make new DIR=../my_study   a project of your own, with an empty study
# make new DIR=../my_study FROM="a.fa b.fa"   the same, with a first configuration for these files
# make check  tell what the files of the configuration are taken for; nothing is kept of it
# make run    run the workflow here, or go on with a run that was interrupted
# make paper  methods, references, checklists, figures and tables of a finished run
# make release   a folder with one model that predicts by itself, and its card
# make private   what private networks need, into the same .venv (docs/privacy.md)
# make archive   pack the results of a finished run, to move or publish them
# make demo   run the workflow on the simulated data set; ends with the path of the report
# make demo-transfer   the same for transfer from a network pretrained on a related task
# make test   run the tests
# make bench  measure what the workflow adds to the work itself
# All but the first set up .venv from the lock; nothing else on the machine is used.

# TensorFlow has packages for these versions of Python.
PYTHON := $(shell for p in python3.12 python3.11 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
NO_PYTHON := Python 3.11, 3.12 or 3.13 is needed and was not found.
BIN := .venv/bin
CORES ?= 2
READY := .venv/ready

.PHONY: new guess check run paper release archive private demo demo-transfer test lint bench clean

new:
	@test -n "$(PYTHON)" || { echo "$(NO_PYTHON)"; exit 1; }
	@PYTHONPATH=workflow $(PYTHON) -m deeprules_workflow.new_project "$(DIR)" $(FROM)
	@test -z "$(FROM)" || $(MAKE) --no-print-directory -C "$(DIR)" guess BESIDE="$(CURDIR)"

guess: $(READY)
	@PYTHONPATH=scripts $(BIN)/python -m deeprules.guess "$(BESIDE)" $(FROM)

check: $(READY)
	$(BIN)/snakemake --cores $(CORES) check_data

run: $(READY)
	$(BIN)/snakemake --cores $(CORES) --rerun-incomplete

paper: $(READY)
	$(BIN)/snakemake --cores $(CORES) --rerun-incomplete paper

release: $(READY)
	$(BIN)/snakemake --cores $(CORES) --rerun-incomplete release

archive: $(READY)
	$(BIN)/snakemake --cores $(CORES) --rerun-incomplete archive_run

# --no-deps: the two locks differ in attrs, which kipoi pins (envs/README.md).
private: $(READY)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes \
		--requirement envs/requirements-private.lock

demo: $(READY)
	$(BIN)/snakemake --rerun-incomplete --cores $(CORES) --directory runs/demo \
		--configfile config/examples/simulated_sequences/config.yaml

demo-transfer: $(READY)
	$(BIN)/snakemake --rerun-incomplete --cores $(CORES) --directory runs/demo-transfer \
		--configfile config/examples/simulated_transfer/config.yaml

test: $(READY) lint
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

$(READY): envs/requirements.lock
	@test -n "$(PYTHON)" || { echo "$(NO_PYTHON)"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement envs/requirements.lock
	touch $(READY)

bench: $(READY)
	$(BIN)/python tests/bench/bench.py

clean:
	rm -rf .venv runs
