#!/usr/bin/env bash
# A released folder in a bare environment: nothing of this repository, no package, one command.
# It needs a package index, and says so where there is none.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PYTHONPATH=scripts:tests:tests/unit:workflow \
  .venv/bin/python tests/release/make_release.py "$work/made" >/dev/null
mv "$work/made/release" "$work/given"
rm -rf "$work/made"
(cd "$work/given" && sha256sum --check --quiet checksums.sha256)
mapfile -t kept < <(env | grep -iE '^(PIP_[A-Z_]+|https?_proxy|no_proxy|SSL_CERT_[A-Z]+)=')
python=$(readlink -f .venv/bin/python)
if ! env -i PATH=/usr/bin:/bin HOME="$work" "${kept[@]}" "$python" -m pip download --quiet \
  --no-deps --dest "$work/reached" six >/dev/null 2>&1; then
  echo "tests/release: no package index can be reached, so the bare environment is not tried."
  exit 0
fi
cd "$work"
env -i PATH=/usr/bin:/bin HOME="$work" "${kept[@]}" "$python" given/predict.py --check
env -i PATH=/usr/bin:/bin HOME="$work" "${kept[@]}" "$python" given/predict.py \
  given/example/input.fa predictions.tsv
[ "$(grep -vc '^#' predictions.tsv)" = 9 ]
echo "tests/release: the folder predicts in a bare environment as it did in the run."
