//! Turns `spec/vkyc.yaml` into Rust. All the work is in the crate `cashfree-vkyc-codegen`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use cashfree_vkyc_codegen::{Spec, generate};

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

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let generated = generate(&Spec::read(Path::new(SPEC))?)?;
    fs::write(out.join("types.rs"), generated.types)?;
    fs::write(out.join("operations.rs"), generated.operations)?;
    Ok(())
}
