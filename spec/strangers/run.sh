#!/usr/bin/env bash
# Runs third-party tools on the spec and the sandbox: linters, client generators, validators, fuzzers, and Cashfree's own SDKs.
# For maintainers after a change of the spec or the sandbox, and for CI once a week (.github/workflows/strangers.yml).
#
#   spec/strangers/run.sh [CHECK…]
#
# Needs cargo, node 20 with npm, and python3. Installs the rest into target/strangers/ (package.json, requirements.txt). on-record.tsv
# has the expected outcome of each check. The clients call the sandbox through Prism, which validates requests and responses.
#
# Exit codes: 0 every outcome is as on record, 1 an outcome differs, 2 no outcome differs but a tool is missing.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
spec=$root/spec/vkyc.yaml
target=${CARGO_TARGET_DIR:-$root/target}
folder=$target/strangers/work
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder" || exit 2
export PATH=$target/strangers/node_modules/.bin:$target/strangers/venv/bin:$PATH
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true NO_COLOR=1 PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1
checks=("$@") failed=0 missing=0 children=()
trap 'kill "${children[@]}" "${CASHFREE_SANDBOX_PID:-}" 2> /dev/null' EXIT

# Installs the packages in a file once. If this fails, the checks report missing tools.
install() { # file, command…
  local file=$1 done=$target/strangers/$1
  shift
  cmp -s "$here/$file" "$done" && return
  cp "$here/$file" "$done" && (cd "$target/strangers" && "$@") > "$file.log" 2>&1 || { rm -f "$done"; tail -n 3 "$file.log"; }
}

# Runs a check. The last line of its output is its outcome.
check() { # name, tools, command…
  local name=$1 tools=$2 code=0 tool outcome due started=$SECONDS
  shift 2
  [ ${#checks[@]} = 0 ] || [[ " ${checks[*]} " == *" $name "* ]] || return 0
  for tool in $tools; do
    command -v "$tool" > /dev/null || { printf '%-24s missing: %s\n' "$name" "$tool"; missing=1; return 0; }
  done
  "$@" > "$name.log" 2>&1 || code=$?
  outcome=$(tail -n 1 "$name.log") due=$(sed -n "s/^$name\t//p" "$here/on-record.tsv")
  printf '%-24s %s (%s s)\n' "$name" "$outcome" $((SECONDS - started))
  [ $code = 0 ] && [ "$outcome" = "$due" ] && return
  failed=1
  printf '    on record: %s\n    exit code %s, %s:\n' "$due" "$code" "$folder/$name.log"
  tail -n 40 "$name.log" | sed 's/^/    /'
}

until_there() { # file, text
  for _ in $(seq 300); do grep -q "$2" "$1" 2> /dev/null && return; sleep 0.1; done
  echo "$2 did not appear in $1"
  return 1
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Replaces the running sandbox by a new one.
sandbox() { # options…
  kill "${CASHFREE_SANDBOX_PID:-}" 2> /dev/null
  rm -f env.sh
  "$target/debug/cashfree-vkyc" sandbox "$@" > env.sh 2>> sandbox.log &
  until_there env.sh CASHFREE_SANDBOX_PID || return
  # shellcheck disable=SC1091
  . ./env.sh
}

# Only the recommended rules of Spectral and Redocly.
lint_by_spectral() {
  echo 'extends: ["spectral:oas"]' > .spectral.yaml
  spectral lint --ruleset .spectral.yaml --fail-severity error "$spec" | tee lint.txt || return
  grep -oE '[0-9]+ errors?, [0-9]+ warnings?' lint.txt
}
lint_by_redocly() {
  redocly lint "$spec" || return
  redocly lint --format json "$spec" 2> /dev/null | python3 -c '
import json, sys
totals = json.load(sys.stdin)["totals"]
print("{errors} errors, {warnings} warnings".format(**totals))'
}

generate() { openapi-generator-cli generate --input-spec "$1" --generator-name "$2" --output "$2" "${@:3}"; }
python_calls() { generate "$spec" python && PYTHONPATH=python python3 "$here/six_calls.py" python; }
attrs_calls() { generate_attrs && python3 "$here/six_calls.py" openapi-python-client; }
attrs_values() { generate_attrs && python3 "$here/models.py" "$spec" attrs_client; }
generate_attrs() { openapi-python-client generate --path "$spec" --meta none --output-path attrs_client --fail-on-warning --overwrite; }
pydantic_values() {
  datamodel-codegen --input "$spec" --input-file-type openapi --output pydantic_models.py \
    --output-model-type pydantic_v2.BaseModel --disable-warnings && python3 "$here/models.py" "$spec" pydantic_models
}
# The generators `rust` and `typescript-axios` turn `anyOf` into an empty type, so they get each open enum as a string.
plain() { sed -E 's/anyOf: \[\{ \$ref: "[^"]*" \}, \{ type: string \}\]/type: string/' "$spec" > plain.yaml; }
rust_calls() {
  plain && generate plain.yaml rust --additional-properties=supportAsync=false,packageName=vkyc,packageVersion=1.0.0 || return
  echo '[workspace]' >> rust/Cargo.toml
  mkdir -p rust/examples && cp "$here/six_calls.rs" rust/examples/
  CARGO_TARGET_DIR=$target/strangers/rust cargo run --quiet --no-default-features --manifest-path rust/Cargo.toml --example six_calls
}
generate_typescript() {
  plain && generate plain.yaml typescript-axios || return
  openapi-ts --input "$spec" --output hey-api --client @hey-api/client-fetch && openapi-typescript "$spec" --output openapi-typescript.ts || return
  cp "$here/six-calls.ts" .
  tsc --strict --module commonjs --target es2022 --skipLibCheck --noEmitOnError --outDir typescript six-calls.ts
}
typescript() { { [ -e typescript/six-calls.js ] || generate_typescript; } && node typescript/six-calls.js "$1"; }

fuzz() {
  # Excluded checks: a request without keys is documented as 400, not 401; TRACE gets 404, like any unknown operation.
  SCHEMATHESIS_HOOKS=schemathesis_hooks schemathesis run "$spec" --url "$CASHFREE_ENVIRONMENT" --warnings off --continue-on-failure \
    --header "x-client-id: $CASHFREE_CLIENT_ID" --header "x-client-secret: $CASHFREE_CLIENT_SECRET" --seed 20261128 \
    --max-examples 2200 --exclude-checks positive_data_acceptance,ignored_auth,unsupported_method | tee fuzz.txt
  local cases failures
  cases=$(grep -oE '[0-9]+ generated' fuzz.txt | grep -oE '[0-9]+')
  failures=$(grep -oE '[0-9]+ unique failures?' fuzz.txt | grep -oE '^[0-9]+')
  echo "$cases cases"
  [ "$cases" -ge 9000 ] && echo "${failures:-0} failures in 9,000 cases or more"
}

install package.json npm install --no-fund --no-audit --no-package-lock
install requirements.txt sh -c 'python3 -m venv --clear venv && venv/bin/pip install --quiet --requirement requirements.txt'
cargo build --quiet --manifest-path "$root/Cargo.toml" --package cashfree-vkyc-cli || exit 1

check spectral spectral lint_by_spectral
check redocly redocly lint_by_redocly
check attrs-values openapi-python-client attrs_values
check pydantic-values datamodel-codegen pydantic_values

hooks=$(free_port)
sandbox --webhooks-to "http://127.0.0.1:$hooks/" || exit 1
STRANGERS_URL=$CASHFREE_ENVIRONMENT
if command -v prism > /dev/null; then
  proxy=$(free_port)
  prism proxy --errors --port "$proxy" "$spec" "$CASHFREE_ENVIRONMENT" > prism.log 2>&1 &
  children+=($!)
  until_there prism.log 'is listening' || exit 1
  STRANGERS_URL=http://127.0.0.1:$proxy
fi
export STRANGERS_URL
cp "$here/node-sdk.js" .
check node-sdk 'node prism' node node-sdk.js "$hooks"
check python 'openapi-generator-cli prism' python_calls
check openapi-python-client 'openapi-python-client prism' attrs_calls
for client in typescript-axios hey-api openapi-typescript; do
  check $client 'openapi-generator-cli openapi-ts openapi-typescript tsc prism' typescript $client
done
check rust 'openapi-generator-cli prism' rust_calls

sandbox || exit 1
check schemathesis schemathesis fuzz

[ $failed = 0 ] || exit 1
[ $missing = 0 ] || exit 2
