//! The errors in the configuration of a client. Each message names the cure, and none shows a secret.

use std::error::Error;
use std::fmt;

/// An error in the configuration of a client.
#[non_exhaustive]
pub enum ConfigError {
    /// No environment was chosen.
    EnvironmentMissing,
    /// No credentials were given.
    CredentialsMissing,
    /// Environment variables are not set, or are empty.
    VariablesMissing {
        /// The missing variables.
        names: Vec<&'static str>,
    },
    /// A header cannot carry a value.
    Value {
        /// The name of the value: "client id", "client secret", …
        what: &'static str,
        /// The problem and the cure.
        problem: &'static str,
    },
    /// A custom URL cannot be used.
    Url {
        /// The problem and the cure.
        problem: &'static str,
    },
    /// A duration or a size is zero.
    Zero {
        /// The name of the setting.
        what: &'static str,
    },
    /// The time limits contradict each other.
    Timeouts {
        /// The problem and the cure.
        problem: &'static str,
    },
    /// A file cannot be read.
    File {
        /// The purpose of the file.
        what: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// The crate was built without TLS.
    NoTls,
    /// The HTTP client could not be set up.
    HttpClient(Box<dyn std::error::Error + Send + Sync>),
}

/// Prints the message with the cure, because `fn main() -> Result<…>` prints `Debug`; and the source, which `Display` omits.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_the_message_and_the_source() {
        let cause = || std::io::Error::other("the cause");
        for (error, text) in [
            (ConfigError::File { what: "CA certificate", source: cause() }, "cannot be read"),
            (ConfigError::HttpClient(cause().into()), "cannot be set up"),
        ] {
            assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the cause"));
            let printed = format!("{error:?}");
            assert!(printed.contains(text) && printed.contains("the cause"), "{printed}");
        }
        assert!(ConfigError::NoTls.source().is_none());
    }
}
