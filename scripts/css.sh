#!/usr/bin/env bash
# Compiles clavero/ui/scss to the committed style sheets. `scripts/css.sh --check` only says whether they are fresh.
# Needs npm; who runs or installs Clavero does not. The last line of the result names its sources, so that
# a test without npm sees a stale one.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v npm >/dev/null || { echo "css: npm is missing; it is needed only to change the styles." >&2; exit 2; }
[ -x node_modules/.bin/sass ] || npm ci --ignore-scripts --no-progress --silent
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
sources=$(LC_ALL=C; cat clavero/ui/scss/*.scss package.json | sha256sum | cut -d' ' -f1)
for sheet in clavero offline; do
  target=clavero/ui/static/clavero/$sheet.css
  node_modules/.bin/sass --load-path=node_modules --style=compressed --no-source-map --no-charset "clavero/ui/scss/$sheet.scss" >"$fresh"
  printf '/* sources %s */\n' "$sources" >>"$fresh"
  if [ "${1:-}" = "--check" ]; then
    cmp -s "$fresh" "$target" || { echo "$target is stale: run make css." >&2; exit 1; }
  else
    cp "$fresh" "$target"
    chmod 644 "$target"
  fi
done
