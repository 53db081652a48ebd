//! Variables of the environment, and of a file that only its owner can read: `NAME=value` lines, as `cashfree-vkyc sandbox` prints.
//!
//! Credentials come from here and never from an argument, which every user of the machine could see.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use cashfree_vkyc::{ConfigError, Credentials, TwoFactorKey};

use crate::failure::Failure;
use crate::private_file::is_open_to_others;

/// The environment to talk to.
pub(crate) const ENVIRONMENT: &str = "CASHFREE_ENVIRONMENT";
/// The secret of webhooks, if it is not the client secret.
pub(crate) const WEBHOOK_SECRET: &str = "CASHFREE_WEBHOOK_SECRET";

/// The largest file that is read.
const MOST: u64 = 64 * 1024;

/// Variables by name: those of the file precede those of the process.
#[derive(Default)]
pub(crate) struct Variables(HashMap<String, String>);

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Variables {
    /// Reads the file.
    ///
    /// # Errors
    /// When the file cannot be read, can be read by others, or has a line that is not `NAME=value`.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = file else { return Ok(Self::default()) };
        let what = format!("the credentials file {} cannot be used", path.display());
        let failure = |why: &dyn fmt::Display| Failure::usage(what.as_str()).why(why);
        let unreadable = |error: io::Error| failure(&error).next("check the path and who may read it");
        let file = File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if !about.is_file() {
            return Err(failure(&"it is no file"));
        }
        if is_open_to_others(&about) {
            let next = format!("chmod 600 {}", path.display());
            return Err(failure(&"others on this machine can read it").next(next));
        }
        let mut text = String::new();
        file.take(MOST).read_to_string(&mut text).map_err(unreadable)?;
        let lines = (1..).zip(text.lines().map(str::trim));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        // An error does not show the line, which may be a secret.
        let pairs = lines
            .map(|(number, line)| pair(line).ok_or_else(|| failure(&format_args!("line {number} is not NAME=value"))));
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// A variable that is set, and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        let here = self.0.get(name).map(OsString::from);
        here.or_else(|| std::env::var_os(name)).filter(|value| !value.is_empty())
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// # Errors
    /// When half of the key pair is missing, or it cannot be a key pair.
    pub(crate) fn credentials(&self) -> Result<Credentials, ConfigError> {
        let pair = [Credentials::ID_VARIABLE, Credentials::SECRET_VARIABLE].map(|name| (name, self.text(name)));
        match pair {
            [(_, Some(id)), (_, Some(secret))] => Credentials::new(id, secret),
            pair => {
                let missing = pair.iter().filter(|(_, value)| value.is_none());
                Err(ConfigError::VariablesMissing { names: missing.map(|(name, _)| *name).collect() })
            }
        }
    }

    /// The key of the second factor, where one is set.
    ///
    /// # Errors
    /// When what is set is no such key.
    pub(crate) fn two_factor(&self) -> Result<Option<TwoFactorKey>, ConfigError> {
        match (self.text(TwoFactorKey::VARIABLE), self.get(TwoFactorKey::PATH_VARIABLE)) {
            (Some(pem), _) => TwoFactorKey::from_pem(pem).map(Some),
            (None, Some(path)) => TwoFactorKey::from_file(path).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// A line as shells write it. The value may be quoted; unlike `dotenvy`, nothing in it is expanded.
fn pair(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let unquoted = |mark| value.trim().strip_prefix(mark).and_then(|rest: &str| rest.strip_suffix(mark));
    let value = unquoted('"').or_else(|| unquoted('\'')).unwrap_or(value.trim());
    Some((name.trim().to_owned(), value.to_owned()))
}
