//! What the environment says, or a file that only its owner can read: `NAME=value` lines, as `cashfree-vkyc sandbox` prints them.
//!
//! Credentials come from here and never from an argument, which every user of the machine could see.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use cashfree_vkyc::{ConfigError, Credentials, TwoFactorKey};

use crate::failure::{Exit, Failure};
use crate::private_file::is_open_to_others;

/// Which environment to talk to.
pub(crate) const ENVIRONMENT: &str = "CASHFREE_ENVIRONMENT";
/// What webhooks are signed with, where that is not the client secret.
pub(crate) const WEBHOOK_SECRET: &str = "CASHFREE_WEBHOOK_SECRET";

/// A file of variables is small.
const MOST: u64 = 64 * 1024;

/// Variables by their names: those of the file, then those of the process.
#[derive(Default)]
pub(crate) struct Variables(HashMap<String, String>);

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Variables {
    /// # Errors
    /// When the file cannot be read, can be read by others, or has a line that is none.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = file else { return Ok(Self::default()) };
        let what = format!("the credentials file {} cannot be used", path.display());
        let failure = |why: &str| Failure::new(Exit::Usage, what.clone()).why(why);
        let io = |error: &std::io::Error| {
            Failure::new(Exit::Usage, what.clone()).why(error).next("check the path and who may read it")
        };
        let file = File::open(path).map_err(|error| io(&error))?;
        let about = file.metadata().map_err(|error| io(&error))?;
        if !about.is_file() {
            return Err(failure("it is no file"));
        }
        if is_open_to_others(&about) {
            let next = format!("chmod 600 {}", path.display());
            return Err(failure("others on this machine can read it").next(next));
        }
        let mut text = String::new();
        file.take(MOST).read_to_string(&mut text).map_err(|error| io(&error))?;
        let mut variables = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let pair = line.strip_prefix("export ").unwrap_or(line).split_once('=');
            // Nothing of the line is shown: it may be a secret.
            let (name, value) = pair.ok_or_else(|| failure(&format!("line {number} is not NAME=value")))?;
            let quoted = |mark| value.trim().strip_prefix(mark).and_then(|rest: &str| rest.strip_suffix(mark));
            let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value.trim());
            variables.insert(name.trim().to_owned(), value.to_owned());
        }
        Ok(Self(variables))
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
