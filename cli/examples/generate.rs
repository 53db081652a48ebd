//! Writes completions and manual pages to a folder, from the same description as the binary's arguments.
//! `cargo xtask completions` runs it.
//!
//! ```text
//! command() ─┬─ clap_complete ─▶ bash · zsh · fish · elvish · PowerShell
//!            └─ clap_mangen   ─▶ cashfree-vkyc.1, and a page per command
//! ```

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap_complete::Shell;

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("name a folder")?.into();
    fs::create_dir_all(&folder)?;
    for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        let file = clap_complete::generate_to(shell, &mut cashfree_vkyc_cli::command(), "cashfree-vkyc", &folder)?;
        println!("{}", file.display());
    }
    clap_mangen::generate_to(cashfree_vkyc_cli::command(), &folder)?;
    println!("{}", folder.join("cashfree-vkyc.1").display());
    Ok(())
}
