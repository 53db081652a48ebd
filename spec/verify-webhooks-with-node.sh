#!/usr/bin/env bash
# Sends the sandbox's webhooks to the vendor's own function for Node, `PGVerifyWebhookSignature` of `cashfree-pg`, which must accept
# each one, and reject each one with a changed byte. For maintainers, by hand; needs cargo, Node.js 18 or newer and npm's registry.
#
#   spec/verify-webhooks-with-node.sh
#
# Exit codes: 0 all were accepted, 1 one was not, 2 a tool is missing.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
for tool in cargo node npm; do command -v "$tool" > /dev/null || { echo "$tool is missing"; exit 2; }; done
folder=$(mktemp -d)
children=()
trap 'kill "${children[@]}" 2> /dev/null || true; rm -rf "$folder"' EXIT
cargo build --quiet --manifest-path "$root/Cargo.toml" --package cashfree-vkyc-cli
cli=$(cargo metadata --manifest-path "$root/Cargo.toml" --format-version 1 --no-deps | grep -oE '"target_directory":"[^"]*"' | cut -d'"' -f4)/debug/cashfree-vkyc
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit cashfree-pg

cat > receive.js <<'JS'
const { Cashfree, CFEnvironment } = require('cashfree-pg');
const http = require('http');
const vendor = new Cashfree(CFEnvironment.SANDBOX, 'unused', process.env.CASHFREE_CLIENT_SECRET);
let accepted = 0;
const accepts = (signature, body, time) => {
  try { vendor.PGVerifyWebhookSignature(signature, body, time); return true; } catch { return false; }
};
http.createServer((request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk)).on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8');
    const [signature, time] = ['x-webhook-signature', 'x-webhook-timestamp'].map(name => request.headers[name]);
    const type = JSON.parse(body).event_type;
    if (!accepts(signature, body, time)) { console.log(`REJECTED ${type}`); process.exit(1); }
    if (accepts(signature, body + ' ', time)) { console.log(`FORGED ${type}`); process.exit(1); }
    accepted += 1;
    console.log(`accepted ${type}`);
    response.end();
    if (type === process.argv[3]) { console.log(`${accepted} webhooks accepted`); setTimeout(() => process.exit(0), 100); }
  });
}).listen(Number(process.argv[2]), () => require('fs').writeFileSync('listening', ''));
JS

port=$((20000 + RANDOM % 20000))
"$cli" sandbox --journey completed --every 100ms --webhooks-to "http://127.0.0.1:$port/" > env.sh &
children+=($!)
for _ in $(seq 100); do grep -q CASHFREE_SANDBOX_PID env.sh && break; sleep 0.1; done
# shellcheck disable=SC1091
. ./env.sh
node receive.js "$port" VKYC_AUDITOR_REVIEW_COMPLETED &
receiver=$!
children+=("$receiver")
for _ in $(seq 300); do [ -e listening ] && break; sleep 0.1; done
echo '{"user_id":"user_7","phone":"9988776655"}' | "$cli" user create - > /dev/null
"$cli" start vkyc_42 --user user_7 --yes > /dev/null
wait "$receiver"
