#!/usr/bin/env bash
# The cost of a user's first build: CPU seconds (user and system, of all processes of cargo) of a cold debug build of the same
# small program on this library and on handwritten code (benches/bare), and the number of crates of each.
#
#   benches/build-cost.sh [--runs N] [--crates] [--size] [variant…]
#
# CPU seconds, because wall-clock time depends on the load of the machine. Runs of the variants alternate, so that load affects
# all of them. `--crates` also lists the time of each crate in the last run, without the build scripts (for TLS, the C code of
# aws-lc). `--size` makes release builds instead, cold or not, and prints the size of each program without symbols. Works
# offline, with the versions of Cargo.lock.
set -euo pipefail

# As RUSTC_WRAPPER: records the time of one run of rustc, and passes its output on.
if [ -n "${BUILD_COST_LOG:-}" ] && [ "${1:-}" != "--runs" ]; then
  crate=rustc
  for ((i = 1; i < $#; i++)); do
    if [ "${!i}" = --crate-name ]; then j=$((i + 1)); crate=${!j}; fi
  done
  exec {errors}>&2
  TIMEFORMAT="%U %S $crate"
  # One write per line, so that lines of two crates do not mix.
  { time "$@" 2>&"$errors"; } 2>>"$BUILD_COST_LOG"
  exit
fi

root=$(cd "$(dirname "$0")/.." && pwd)
apps=$root/target/build-cost
runs=1 crates= size=
while [[ "${1:-}" == --* ]]; do
  case $1 in
    --runs) runs=$2; shift 2 ;;
    --crates) crates=yes; shift ;;
    --size) size=yes; shift ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
done
all=(bare ours ours-ready bare-types ours-types ours-types-ready)
# The size of a program with other features; for `--size`.
more=(ours-native-tls ours-sandbox)
variants=("${@:-${all[@]}}")

ours() { echo "cashfree-vkyc = { path = \"$root\", default-features = false, features = [$1] }"; }
bare() { echo "cashfree-vkyc-bare = { path = \"$root/benches/bare\", default-features = false, features = [$1] }"; }
tokio='tokio = { version = "1.45", features = ["macros", "rt-multi-thread"] }'
dependencies() {
  case $1 in
    bare) bare '"client"'; echo 'reqwest = { version = "0.13.5", default-features = false }'; echo "$tokio" ;;
    ours) ours '"client", "rustls", "generate"'; echo "$tokio" ;;
    ours-ready) ours '"client", "rustls"'; echo "$tokio" ;;
    ours-native-tls) ours '"client", "native-tls-vendored"'; echo "$tokio" ;;
    ours-sandbox) ours '"client", "rustls", "sandbox"'; echo "$tokio" ;;
    bare-types) bare "" ;;
    ours-types) ours '"generate"' ;;
    ours-types-ready) ours "" ;;
    *) echo "unknown variant $1; there are ${all[*]} ${more[*]}" >&2; exit 2 ;;
  esac
}
program() {
  case $1 in
    bare) cat <<'RUST'
#[tokio::main]
async fn main() -> Result<(), reqwest::Error> {
    let vkyc = cashfree_vkyc_bare::status(&cashfree_vkyc_bare::client()?, "https://sandbox.cashfree.com/verification/vkyc", 42).await?;
    println!("{:?} / {:?}", vkyc.status, vkyc.sub_status);
    Ok(())
}
RUST
      ;;
    ours-sandbox) cat <<'RUST'
use cashfree_vkyc::{ReferenceId, sandbox::Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let vkyc = Sandbox::start().await?.client()?.status(ReferenceId(42)).await?;
    println!("{} / {}", vkyc.status, vkyc.sub_status);
    Ok(())
}
RUST
      ;;
    ours | ours-ready | ours-native-tls) cat <<'RUST'
use cashfree_vkyc::{Client, Credentials, Environment, ReferenceId};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder().environment(Environment::Sandbox).credentials(Credentials::from_env()?).build()?;
    let vkyc = client.status(ReferenceId(42)).await?;
    println!("{} / {}", vkyc.status, vkyc.sub_status);
    Ok(())
}
RUST
      ;;
    bare-types) cat <<'RUST'
fn main() {
    let key = cashfree_vkyc_bare::key(b"secret");
    let event = key.and_then(|key| cashfree_vkyc_bare::verify(&key, b"1700000000000", b"", b"{}"));
    println!("{:?}", event.and_then(|event| event.data.status));
}
RUST
      ;;
    *) cat <<'RUST'
use cashfree_vkyc::{http::HeaderMap, webhook::Verifier};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let event = Verifier::new("secret")?.verify(&HeaderMap::new(), b"{}")?;
    println!("{}", event.data.status);
    Ok(())
}
RUST
      ;;
  esac
}

cargo() { command cargo "$@" --offline --manifest-path "$apps/$variant/Cargo.toml"; }

for variant in "${variants[@]}"; do
  mkdir -p "$apps/$variant/src"
  { printf '[package]\nname = "%s"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n[dependencies]\n' "$variant-app"
    dependencies "$variant"; } >"$apps/$variant/Cargo.toml"
  program "$variant" >"$apps/$variant/src/main.rs"
  # cargo removes the unused packages from the copy.
  cp "$root/Cargo.lock" "$apps/$variant/Cargo.lock"
  count=$(cargo tree --edges normal,build --prefix none --format '{p}' | sed 's/ (\*)$//; /^$/d; /-app v/d' | sort -u | wc -l)
  printf '%-18s %4d crates\n' "$variant" "$count"
done

export CARGO_INCREMENTAL=0 CARGO_TARGET_DIR
if [ -n "$size" ]; then
  CARGO_TARGET_DIR=$apps/release
  for variant in "${variants[@]}"; do
    cargo --quiet build --release --jobs 2 --config 'profile.release.strip="symbols"'
    printf '%-18s %6.2f MB\n' "$variant" "$(stat -c %s "$CARGO_TARGET_DIR/release/$variant-app" | awk '{ print $1 / 1e6 }')"
  done
  exit
fi
for ((run = 1; run <= runs; run++)); do
  for variant in "${variants[@]}"; do
    CARGO_TARGET_DIR=$apps/target
    rm -rf "$CARGO_TARGET_DIR"
    log=$apps/$variant/crates.txt
    : >"$log"
    TIMEFORMAT='%U %S %R'
    said=$apps/$variant/said.txt
    took=$({ time nice -n 5 env ${crates:+RUSTC_WRAPPER="$root/benches/build-cost.sh" BUILD_COST_LOG="$log"} \
      cargo --quiet build --offline --jobs 2 --manifest-path "$apps/$variant/Cargo.toml" >"$said" 2>&1; } 2>&1) \
      || { cat "$said" >&2; exit 1; }
    awk -v variant="$variant" '{ printf "%-18s %6.1f CPU s  (%.1f user, %.1f system; %.0f s on the clock)\n", variant, $1 + $2, $1, $2, $3 }' <<<"$took"
  done
done
rm -rf "$apps/target"
[ -z "$crates" ] || for variant in "${variants[@]}"; do
  printf '\n%s, CPU s by crate\n' "$variant"
  awk '{ took[$3] += $1 + $2; all += $1 + $2 } END { for (crate in took) printf "%7.2f %s\n", took[crate], crate; printf "%7.2f all of rustc\n", all }' \
    "$apps/$variant/crates.txt" | sort -rn
done
