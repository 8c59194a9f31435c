#!/usr/bin/env bash
# Tests on a real SLURM of one machine. With arguments, these are passed to pytest.
#   DEEPRULES_SLURM_TOOLS  folder with start-slurm.sh and stop-slurm.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
DEEPRULES_SLURM_TOOLS=$(realpath -m "${DEEPRULES_SLURM_TOOLS:-../shared/tools/slurm}")
export DEEPRULES_SLURM_TOOLS
if [ ! -x "$DEEPRULES_SLURM_TOOLS/start-slurm.sh" ]; then
  echo "Skipped the tests on SLURM: there is no $DEEPRULES_SLURM_TOOLS/start-slurm.sh"
  exit 0
fi
if [ ! -x /usr/sbin/slurmctld ] || [ ! -x /usr/sbin/slurmdbd ]; then
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "Skipped the tests on SLURM: it is not installed, and apt-get or root is missing"
    exit 0
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    slurm-wlm munge slurmdbd mariadb-server >/dev/null
fi
# A test that was killed leaves its link, which the next start would take for another's.
if [[ "$(readlink /etc/slurm/slurm.conf || true)" == "${TMPDIR:-/tmp}"/tmp.*/slurm.conf ]] &&
  ! pgrep -x 'slurm(ctl)?d' >/dev/null; then
  rm /etc/slurm/slurm.conf
fi
SLURM_CI_DIR=$(mktemp -d)
export SLURM_CI_DIR SLURM_CI_GPUS=2 SLURM_CI_ACCT=slurmdbd SLURM_CONF=$SLURM_CI_DIR/slurm.conf
trap '"$DEEPRULES_SLURM_TOOLS/stop-slurm.sh"; "$DEEPRULES_SLURM_TOOLS/stop-slurmdbd.sh"; rm -rf "$SLURM_CI_DIR"' EXIT
setsid "$DEEPRULES_SLURM_TOOLS/start-slurmdbd.sh"
"$DEEPRULES_SLURM_TOOLS/start-slurm.sh"
PATH=$PWD/.venv/bin:$PATH .venv/bin/python -m pytest -rs "${@:-tests/slurm}"
