//! What can be wrong with how a client is set up. Each message names the cure, and none shows a secret.

/// What is wrong with the configuration of a client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No environment was chosen.
    #[error("no environment was chosen; call `.environment(Environment::Sandbox)` or `Environment::Production`")]
    EnvironmentMissing,
    /// No credentials were given.
    #[error("no credentials were given; call `.credentials(Credentials::from_env()?)` or `Credentials::new`")]
    CredentialsMissing,
    /// Environment variables are not set, or are empty.
    #[error("not set: {}; create a key pair in Cashfree's merchant dashboard and set the variables", .names.join(", "))]
    VariablesMissing {
        /// The variables that are missing.
        names: Vec<&'static str>,
    },
    /// A value is not one that a header can carry.
    #[error("the {what} {problem}")]
    Value {
        /// Which value: "client id", "client secret", …
        what: &'static str,
        /// What is wrong with it and what to do.
        problem: &'static str,
    },
    /// A custom URL cannot be used.
    #[error("the custom URL {problem}")]
    Url {
        /// What is wrong with it and what to do.
        problem: &'static str,
    },
    /// A duration or a size makes no sense.
    #[error("{what} is zero; leave it out for the default, or give it a value")]
    Zero {
        /// Which setting.
        what: &'static str,
    },
    /// The time limits contradict each other.
    #[error("{problem}")]
    Timeouts {
        /// Which, and what to do.
        problem: &'static str,
    },
    /// A file cannot be read.
    #[error("the file of the {what} cannot be read; check its path and permissions")]
    File {
        /// What the file is for.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The crate was built without TLS.
    #[error("this build has no TLS; enable the feature `rustls` (or `native-tls`) of cashfree-vkyc")]
    NoTls,
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up; its source says why")]
    HttpClient(#[source] Box<dyn std::error::Error + Send + Sync>),
}
