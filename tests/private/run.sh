#!/usr/bin/env bash
# Private networks, with what `make private` installs, in a folder beside .venv instead of in it.
# It needs a package index, and says so where there is none.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! .venv/bin/python -m pip download --quiet --no-deps --dest "$work/reached" six \
  >/dev/null 2>&1; then
  echo "tests/private: no package index can be reached, so private networks are not tried."
  exit 0
fi
.venv/bin/python -m pip install --quiet --no-deps --require-hashes --target "$work/site" \
  --requirement envs/requirements-private.lock
PYTHONPATH="$work/site" KERAS_BACKEND=jax .venv/bin/python -m pytest -q \
  tests/unit/test_private_training.py
