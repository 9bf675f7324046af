#!/usr/bin/env bash
# Writes the hash-pinned requirement files from pyproject.toml. Needs uv. No download address is recorded.
set -euo pipefail
cd "$(dirname "$0")/.."
pin() { uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"; }
pin pyproject.toml -o requirements.txt
pin pyproject.toml --extra postgres -c requirements.txt -o requirements-postgres.txt
pin --group test -c requirements-postgres.txt -o requirements-test.txt
pin --group check -c requirements-test.txt -o requirements-check.txt
# Judges of `make check-security`: each in an environment of its own.
for judge in wapiti sectxt semgrep; do pin --group "$judge" -o "tools/judges/requirements-$judge.txt"; done
