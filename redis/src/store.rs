//! One Lua script on the store: runs with its arguments, within a time limit, and once more if the connection broke.
//!
//! ```text
//! run(key, arguments) ─▶ EVALSHA ─▶ numbers
//!                          ├ the connection broke: once more, over the next one
//!                          └ no response in time, or another error: StoreError
//! ```
//!
//! A script uses only its key, so a cluster knows where to run it. It may run twice if a response was lost; both scripts allow
//! that.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use redis::{RedisError, Script};

use super::connection::Connection;

/// The default timeout. Redis and Valkey normally respond within a millisecond.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub(crate) struct Store {
    connection: Connection,
    script: Script,
    pub(crate) prefix: String,
    pub(crate) account: String,
    pub(crate) timeout: Duration,
    /// The microseconds that tests add to the server's time. Otherwise 0.
    pub(crate) shift: Arc<AtomicI64>,
}

impl Store {
    pub(crate) fn new(connection: Connection, script: &str) -> Self {
        Self {
            connection,
            script: Script::new(script),
            prefix: "cashfree-vkyc".to_owned(),
            account: "default".to_owned(),
            timeout: TIMEOUT,
            shift: Arc::default(),
        }
    }

    /// Runs the script on one key, with these arguments and the shift of its clock. Returns its numbers.
    pub(crate) async fn run(&self, key: &str, arguments: &[&str]) -> Result<Vec<i64>, StoreError> {
        let mut invocation = self.script.key(key);
        for argument in arguments {
            invocation.arg(*argument);
        }
        invocation.arg(self.shift.load(Ordering::Relaxed));
        let numbers = tokio::time::timeout(self.timeout, self.connection.run(&invocation)).await;
        Ok(numbers.map_err(|_| StoreError(format!("the store did not respond within {:?}", self.timeout)))??)
    }
}

/// The store could not be asked, or did not respond in time.
///
/// The message contains neither the address nor the request.
#[derive(Debug)]
pub struct StoreError(String);

impl StoreError {
    /// A response that no script of this crate returns.
    pub(crate) fn unexpected() -> Self {
        RedisError::from((redis::ErrorKind::UnexpectedReturnType, "not a result of the script")).into()
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        Self(format!("the store failed: {}", error.code().unwrap_or(error.category())))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}
