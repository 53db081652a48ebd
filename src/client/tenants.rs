//! Clients for other accounts, over the connections of one.

use super::handle::Client;
use super::operations::Operations;
use super::watch::running::Running;
use crate::transport::{ConfigError, Credentials, TwoFactorKey};

impl Client {
    /// A client for another account, that shares this one's connections, TLS set-up and `max_connections`, with all else as it
    /// was set. Who serves many accounts needs no connection pool for each.
    ///
    /// What belongs to an account is not shared: the new client counts its own rate limit from the beginning, unless the limit
    /// is a [`RateLimit::shared`](crate::RateLimit::shared); nothing of one account's credentials goes with a request of
    /// another's. The second factor is kept as it is: where the account has a key of its own, or none, go on with
    /// [`with_two_factor`](Self::with_two_factor).
    ///
    /// ```
    /// use cashfree_vkyc::{Client, Credentials, Environment};
    ///
    /// # fn main() -> Result<(), cashfree_vkyc::ConfigError> {
    /// let first = Client::builder()
    ///     .environment(Environment::Sandbox)
    ///     .credentials(Credentials::new("id-of-a", "secret-of-a")?)
    ///     .build()?;
    /// let second = first.with_credentials(Credentials::new("id-of-b", "secret-of-b")?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the client id cannot be signed with the two-factor key.
    pub fn with_credentials(&self, credentials: Credentials) -> Result<Self, ConfigError> {
        let two_factor = self.transport().two_factor().cloned();
        self.for_account(credentials, two_factor)
    }

    /// The same client with another second factor: an account has its own public key, or none where its method is an IP
    /// allow-list. It counts its own rate limit, as for [`with_credentials`](Self::with_credentials).
    ///
    /// ```
    /// # use cashfree_vkyc::{Client, ConfigError, Credentials};
    /// # fn example(client: Client, credentials: Credentials) -> Result<Client, ConfigError> {
    /// client.with_credentials(credentials)?.with_two_factor(None)
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the client id cannot be signed with the key.
    pub fn with_two_factor(&self, key: impl Into<Option<TwoFactorKey>>) -> Result<Self, ConfigError> {
        self.for_account(self.transport().credentials().clone(), key.into())
    }

    fn for_account(&self, credentials: Credentials, key: Option<TwoFactorKey>) -> Result<Self, ConfigError> {
        let transport = self.transport().for_account(credentials, key)?;
        let (downloads, watches) = (self.downloads.clone(), Running::default());
        Ok(Self { operations: Operations(transport), downloads, watches })
    }
}
