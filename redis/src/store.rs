//! One Lua script on the store: sent with its arguments, within a time, and once more where the connection broke.
//!
//! ```text
//! run(key, arguments) ─▶ EVALSHA ─▶ numbers
//!                          ├ the connection broke: once more, over the next one
//!                          └ no response in time, or another error: StoreError
//! ```
//!
//! A script works on the one key that it is given, so a cluster knows where it runs. It may be run twice, where a response was
//! lost; both scripts are made for that.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use redis::{RedisError, Script};

use super::connection::Connection;

/// What the stores start with: Redis and Valkey answer within a millisecond when they answer.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub(crate) struct Store {
    connection: Connection,
    script: Script,
    pub(crate) timeout: Duration,
    /// How many microseconds tests add to the time of the server. It is 0.
    pub(crate) shift: Arc<AtomicI64>,
}

impl Store {
    pub(crate) fn new(connection: Connection, script: &str) -> Self {
        Self { connection, script: Script::new(script), timeout: TIMEOUT, shift: Arc::default() }
    }

    /// Runs the script on one key, with these arguments and the shift of its clock. It returns numbers.
    pub(crate) async fn run(&self, key: &str, arguments: &[&str]) -> Result<Vec<i64>, StoreError> {
        let mut invocation = self.script.key(key);
        for argument in arguments {
            invocation.arg(*argument);
        }
        invocation.arg(self.shift.load(Ordering::Relaxed));
        let twice = async {
            let mut connection = self.connection.clone();
            match invocation.invoke_async(&mut connection).await {
                Err(error) if error.is_unrecoverable_error() => invocation.invoke_async(&mut connection).await,
                result => result,
            }
        };
        match tokio::time::timeout(self.timeout, twice).await {
            Ok(result) => result.map_err(|error| StoreError(Why::Failed(error))),
            Err(_) => Err(StoreError(Why::Silent(self.timeout))),
        }
    }
}

/// The store could not be asked, or did not answer in time.
///
/// It tells neither where the store is nor what was asked.
pub struct StoreError(Why);

enum Why {
    Silent(Duration),
    Failed(RedisError),
}

impl StoreError {
    /// A response that no script of ours gives.
    pub(crate) fn unexpected() -> Self {
        Self(Why::Failed((redis::ErrorKind::UnexpectedReturnType, "not what the script gives").into()))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Silent(timeout) => write!(f, "the store did not answer within {timeout:?}"),
            Why::Failed(error) => match error.code() {
                Some(code) => write!(f, "the store failed: {code}"),
                None => write!(f, "the store failed: {}", error.category()),
            },
        }
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreError({self})")
    }
}

impl std::error::Error for StoreError {}
