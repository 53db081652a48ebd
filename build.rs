//! Turns `spec/vkyc.yaml` into Rust. With the feature `generate` the crate `cashfree-vkyc-codegen` does all the work; without it
//! the text is laid in place that it made of this very spec before.
//!
//! ```text
//! spec/vkyc.yaml ─┬─ generate ─▶ codegen ───────────────────────────────┬─▶ OUT_DIR/types.rs · operations.rs
//!                 └─ otherwise ▶ the fingerprint in generated/ is its ──┘   the same bytes: tests/it/compiled.rs
//! ```

#[cfg(not(feature = "generate"))]
#[path = "build/fingerprint.rs"]
mod fingerprint;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const SPEC: &str = "spec/vkyc.yaml";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed={SPEC}");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.to_string().lines().for_each(|line| println!("cargo::error={line}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let out = env::var("OUT_DIR")?;
    for (name, text) in sources()? {
        fs::write(Path::new(&out).join(name), text)?;
    }
    Ok(())
}

#[cfg(feature = "generate")]
fn sources() -> Result<[(&'static str, String); 2]> {
    use cashfree_vkyc_codegen::{Spec, generate};

    let generated = generate(&Spec::read(Path::new(SPEC))?)?;
    Ok([("types.rs", generated.types), ("operations.rs", generated.operations)])
}

#[cfg(not(feature = "generate"))]
fn sources() -> Result<[(&'static str, String); 2]> {
    println!("cargo::rerun-if-changed=generated");
    let ready = |name: &str| {
        let read = fs::read_to_string(Path::new("generated").join(name));
        read.map_err(|error| format!("generated/{name}: {error}\n{CURE}"))
    };
    let spec = fs::read(SPEC).map_err(|error| format!("{SPEC}: {error}"))?;
    if ready("made-from.txt")? != fingerprint::fingerprint(&spec) {
        return Err(format!("generated/ was made from another {SPEC}\n{CURE}").into());
    }
    Ok([("types.rs", ready("types.rs")?), ("operations.rs", ready("operations.rs")?)])
}

#[cfg(not(feature = "generate"))]
const CURE: &str = "cure: build with the feature `generate`; or, as a maintainer, run: cargo xtask snapshots";
