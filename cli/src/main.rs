//! The binary `cashfree-vkyc`. Its code is in the library of this crate, which `cargo xtask completions` also uses.

use std::process::ExitCode;

fn main() -> ExitCode {
    cashfree_vkyc_cli::main()
}
