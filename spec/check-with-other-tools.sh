#!/usr/bin/env bash
# What the tools of others make of the spec: linters with their recommended rules, and Python models that are generated from it.
# For maintainers, by hand, after a change of the spec; not part of `.ci/run`, since none of the tools is ours.
#
#   spec/check-with-other-tools.sh [SPEC]
#
# The tools are looked for on the PATH. In a folder of their own:
#
#   npm install @stoplight/spectral-cli @redocly/cli
#   python3 -m venv venv && venv/bin/pip install openapi-python-client datamodel-code-generator
#   export PATH=$PWD/node_modules/.bin:$PWD/venv/bin:$PATH
#
# Exit codes: 0 no error and no value refused, 1 something was, 2 a tool is missing.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
spec=$(realpath "${1:-$here/vkyc.yaml}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true NO_COLOR=1

missing=() failed=0
has() { command -v "$1" > /dev/null || { missing+=("$1"); return 1; }; }
# A tool's own Python, in which it and what its models need are installed.
python_of() { sed -n '1s/^#! *//p' "$(command -v "$1")"; }
# name, version, outcome, exit code, what was said: the outcome on a line, and all of it where something is wrong.
told() {
  printf '%-26s %-10s %s\n' "$1" "$2" "$3"
  if [ "$4" != 0 ]; then failed=1; sed 's/^/    /' "$5"; fi
}
models() { # exit code of the generator, tool, version, module
  if [ "$1" != 0 ]; then told "$2" "$3" "builds nothing" 1 said; return; fi
  "$(python_of "$2")" "$here/check-with-other-tools.py" "$spec" "$4" > said 2>&1
  local code=$?
  told "$2" "$3" "$(tail -n 1 said)" $code said
}

if has spectral; then
  echo 'extends: ["spectral:oas"]' > .spectral.yaml
  spectral lint --ruleset .spectral.yaml --fail-severity error "$spec" > said 2>&1
  code=$?
  told spectral "$(spectral --version)" "$(grep -oE '[0-9]+ problems?.*' said || tail -n 1 said)" $code said
fi
if has redocly; then
  redocly lint --format json "$spec" > said.json 2> /dev/null
  code=$?
  counts=$(grep -A 3 '"totals"' said.json | grep -oE '"(errors|warnings)": [0-9]+' | tr -d '"' | paste -sd ' ')
  [ $code = 0 ] || redocly lint --format stylish "$spec" > said 2> /dev/null
  told redocly "$(redocly --version 2> /dev/null)" "${counts:-read nothing}" $code said
fi
if has openapi-python-client; then
  openapi-python-client generate --path "$spec" --meta none --output-path attrs_models --fail-on-warning > said 2>&1
  models $? openapi-python-client "$(openapi-python-client --version | grep -oE '[0-9.]+')" attrs_models
fi
if has datamodel-codegen; then
  datamodel-codegen --input "$spec" --input-file-type openapi --output pydantic_models.py \
    --output-model-type pydantic_v2.BaseModel --disable-warnings > said 2>&1
  models $? datamodel-codegen "$(datamodel-codegen --version | grep -oE '[0-9.]+')" pydantic_models
fi

if [ ${#missing[@]} != 0 ]; then
  echo "missing: ${missing[*]} (how to install them stands at the top of $0)"
  [ $failed = 1 ] || exit 2
fi
exit $failed
