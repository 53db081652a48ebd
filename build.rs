//! Generates Rust code from `spec/vkyc.yaml`: with the feature `generate`, by the crate `cashfree-vkyc-codegen`. Without it, the build
//! uses the pre-generated code of the same crate for the same spec.
//!
//! ```text
//! spec/vkyc.yaml ─┬─ generate ─▶ codegen ──────────────────────────────┬─▶ OUT_DIR/types.rs · operations.rs
//!                 └─ otherwise ▶ generated/, if its fingerprint fits ──┘   the same bytes: tests/it/compiled.rs
//! ```

#[cfg(not(feature = "generate"))]
#[path = "build/pregenerated.rs"]
mod pregenerated;

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
    #[cfg(feature = "generate")]
    let (types, operations) = generate()?;
    #[cfg(not(feature = "generate"))]
    let (types, operations) = pregenerated::sources()?;
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("types.rs"), types)?;
    fs::write(Path::new(&out).join("operations.rs"), operations)?;
    Ok(())
}

#[cfg(feature = "generate")]
fn generate() -> Result<(String, String)> {
    use cashfree_vkyc_codegen::{Spec, generate};

    let generated = generate(&Spec::read(Path::new(SPEC))?)?;
    Ok((generated.types, generated.operations))
}
