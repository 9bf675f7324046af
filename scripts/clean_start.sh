#!/usr/bin/env bash
# A newcomer's first minute: a new virtual environment, `make demo`, the portal answers, Ctrl-C ends everything.
set -euo pipefail
cd "$(dirname "$0")/.."
place=$(mktemp -d)
port=${CLAVERO_PORT:-8137}
started=$(date +%s)
# A group of its own, so that it can be sent what a terminal sends on Ctrl-C. A shell starts what runs in
# the background with that signal ignored, and make would never hear it: hence --default-signal.
CLAVERO_PORT=$port CLAVERO_DEMO_DIR="$place/data" VENV="$place/venv" \
  setsid env --default-signal=INT make -s demo >"$place/log" 2>&1 </dev/null &
server=$!

finish() {
  kill -KILL -- "-$server" 2>/dev/null || true
  rm -rf "$place"
}
trap finish EXIT

fail() {
  cat "$place/log"
  echo "$1"
  exit 1
}

answers() {
  python3 - "$port" <<'PY' 2>/dev/null
import sys, urllib.request
page = urllib.request.urlopen(f"http://localhost:{sys.argv[1]}/", timeout=2)
sys.exit(0 if page.status == 200 else 1)
PY
}

for _ in $(seq 1 180); do
  answers && break
  kill -0 "$server" 2>/dev/null || fail "the demonstration ended before the portal answered"
  sleep 1
done
answers || fail "the portal did not answer within three minutes"
echo "the portal answered $(( $(date +%s) - started )) s after the start"

kill -INT -- "-$server"
for _ in $(seq 1 30); do
  kill -0 -- "-$server" 2>/dev/null || { echo "Ctrl-C ended everything"; exit 0; }
  sleep 1
done
fail "30 s after Ctrl-C something was still running"
