//! What can be wrong with how a client is set up. Each message names the cure, and none shows a secret.

use std::error::Error;
use std::fmt;

/// What is wrong with the configuration of a client.
#[non_exhaustive]
pub enum ConfigError {
    /// No environment was chosen.
    EnvironmentMissing,
    /// No credentials were given.
    CredentialsMissing,
    /// Environment variables are not set, or are empty.
    VariablesMissing {
        /// The variables that are missing.
        names: Vec<&'static str>,
    },
    /// A value is not one that a header can carry.
    Value {
        /// Which value: "client id", "client secret", …
        what: &'static str,
        /// What is wrong with it and what to do.
        problem: &'static str,
    },
    /// A custom URL cannot be used.
    Url {
        /// What is wrong with it and what to do.
        problem: &'static str,
    },
    /// A duration or a size makes no sense.
    Zero {
        /// Which setting.
        what: &'static str,
    },
    /// The time limits contradict each other.
    Timeouts {
        /// Which, and what to do.
        problem: &'static str,
    },
    /// A file cannot be read.
    File {
        /// What the file is for.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The crate was built without TLS.
    NoTls,
    /// The HTTP client could not be set up.
    HttpClient(Box<dyn std::error::Error + Send + Sync>),
}

/// The words that name the cure, since this is what `fn main() -> Result<…>` prints; and the source, which `Display` leaves out.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("ConfigError");
        debug.field("message", &self.to_string());
        self.source().map(|source| debug.field("source", &source));
        debug.finish()
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnvironmentMissing => f.write_str(
                "no environment was chosen; call `.environment(Environment::Sandbox)` or `Environment::Production`",
            ),
            Self::CredentialsMissing => f.write_str(
                "no credentials were given; call `.credentials(Credentials::from_env()?)` or `Credentials::new`",
            ),
            Self::VariablesMissing { names } => {
                let names = names.join(", ");
                write!(f, "not set: {names}; create a key pair in Cashfree's merchant dashboard and set the variables")
            }
            Self::Value { what, problem } => write!(f, "the {what} {problem}"),
            Self::Url { problem } => write!(f, "the custom URL {problem}"),
            Self::Zero { what } => write!(f, "{what} is zero; leave it out for the default, or give it a value"),
            Self::Timeouts { problem } => f.write_str(problem),
            Self::File { what, .. } => {
                write!(f, "the file of the {what} cannot be read; check its path and permissions")
            }
            Self::NoTls => {
                f.write_str("this build has no TLS; enable the feature `rustls` (or `native-tls`) of cashfree-vkyc")
            }
            Self::HttpClient(_) => f.write_str("the HTTP client cannot be set up; its source says why"),
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::HttpClient(source) => Some(&**source),
            _ => None,
        }
    }
}
