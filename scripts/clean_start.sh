#!/usr/bin/env bash
# A newcomer's first minute: a new virtual environment, `make demo`, and the portal answers.
set -euo pipefail
cd "$(dirname "$0")/.."
place=$(mktemp -d)
port=${CLAVERO_PORT:-8137}
started=$(date +%s)
CLAVERO_PORT=$port CLAVERO_DEMO_DIR="$place/data" VENV="$place/venv" make -s demo >"$place/log" 2>&1 &
server=$!
trap 'kill -INT $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$place"' EXIT
for _ in $(seq 1 120); do
  if python3 - "$port" <<'PY' 2>/dev/null
import sys, urllib.request
page = urllib.request.urlopen(f"http://localhost:{sys.argv[1]}/", timeout=2)
sys.exit(0 if page.status == 200 else 1)
PY
  then
    echo "the portal answered $(( $(date +%s) - started )) s after the start"
    exit 0
  fi
  kill -0 $server 2>/dev/null || { cat "$place/log"; exit 1; }
  sleep 1
done
cat "$place/log"
echo "the portal did not answer within two minutes"
exit 1
