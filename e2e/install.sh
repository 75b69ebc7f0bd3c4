#!/usr/bin/env bash
# Puts the Python programs of the end-to-end tests into a virtual environment outside the repository. Running it again is quick.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${CODELAB_E2E_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/codelab-ci/venv}
wanted=$(cat "$here/requirements.txt")

if [ "$(cat "$venv/codelab-requirements.txt" 2>/dev/null || true)" = "$wanted" ]; then
  echo "up to date: $venv"
  exit 0
fi
command -v python3 >/dev/null || { echo "python3 is needed (3.10 or later, with its venv module)" >&2; exit 1; }
[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
printf '%s\n' "$wanted" >"$venv/codelab-requirements.txt"
echo "installed into $venv"
