//! The binary `cashfree-vkyc`. All of it is in the library of this crate, which `cargo xtask completions` also asks.

use std::process::ExitCode;

fn main() -> ExitCode {
    cashfree_vkyc_cli::main()
}
