//! The connection of the stores to Redis or Valkey: one address, or a cluster.
//!
//! ```text
//! script ─▶ connection ─▶ result
//!              │ the connection broke: once more, over the next one (by the connection manager of `redis`)
//!              │ the server is no longer primary (READONLY …), and the connection is a second old: once more, over a new one
//!              └ no response for five seconds: the next script gets a new one
//! ```
//!
//! After a failover, the address leads to another server, but connections to the old one may stay open.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp;
use redis::{Client, IntoConnectionInfo, RedisError, RedisResult, ScriptInvocation};
use tokio::time::Instant;

/// A connection is replaced after this time without a response.
const DEAD: Duration = Duration::from_secs(5);

/// Because of a server's error, a connection is replaced at most this often.
const LEAST_AGE: Duration = Duration::from_secs(1);

/// Errors that a new connection, to another server, may not have: the server is a replica, loads its data, has lost its primary,
/// or has lost its replicas.
const LEFT_BEHIND: [&str; 4] = ["READONLY", "LOADING", "MASTERDOWN", "NOREPLICAS"];

/// A connection to Redis 5 or newer, or Valkey. Clones share it, and requests may be concurrent.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cashfree_vkyc_redis::{Connection, RedisDedupe, RedisRateLimiter};
///
/// let connection = Connection::open("redis://127.0.0.1:6379")?; // connects when first used
/// let seen = RedisDedupe::new(connection.clone());
/// let limiter = RedisRateLimiter::new(connection, 100);
/// # Ok(())
/// # }
/// ```
///
/// After a failover, a connection to the old server may stay open. If that responds with `READONLY`, `LOADING`, `MASTERDOWN` or
/// `NOREPLICAS`, or not for 5 seconds, a new connection to the same address replaces it, at most once a second.
///
/// For other settings, use [`with_config`](Self::with_config). With the feature `cluster`, `Connection::from` takes a
/// `ClusterConnection`.
#[derive(Clone)]
pub struct Connection(Kind);

#[derive(Clone)]
enum Kind {
    Single(Arc<Single>),
    #[cfg(feature = "cluster")]
    Cluster(redis::cluster_async::ClusterConnection),
}

impl Connection {
    /// Creates a connection that is opened when first used, and again whenever it breaks. Requires a tokio runtime.
    ///
    /// With the feature `rustls`, `rediss://` uses TLS with the default crypto provider of rustls: if your program compiles
    /// several, choose one. A vanished server is noticed within seconds. For a private certificate authority or a client
    /// certificate, create a client with `redis::Client::build_with_tls` and pass its `get_connection_info().clone()`.
    ///
    /// # Errors
    /// If the address is not valid.
    pub fn open(address: impl IntoConnectionInfo) -> RedisResult<Self> {
        // The stores limit the time of a response. This limits the time to detect a dead connection.
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(20))
            .set_max_delay(Duration::from_millis(100))
            .set_connection_timeout(Some(DEAD))
            .set_response_timeout(None);
        let keepalive = tcp::socket2::TcpKeepalive::new().with_time(DEAD).with_interval(DEAD);
        let settings = tcp::TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
        #[cfg(target_os = "linux")]
        let settings = settings.set_user_timeout(DEAD);
        Self::with_config(Client::open(address.into_connection_info()?.set_tcp_settings(settings))?, config)
    }

    /// Creates a connection with these settings.
    ///
    /// # Errors
    /// If the settings contradict each other.
    pub fn with_config(client: Client, config: ConnectionManagerConfig) -> RedisResult<Self> {
        let current = Mutex::new(Current::open(&client, &config)?);
        Ok(Self(Kind::Single(Arc::new(Single { client, config, current }))))
    }

    /// Runs a script. Runs it again over a new connection if this one broke, or leads to a server that is no longer primary.
    pub(crate) async fn run(&self, script: &ScriptInvocation<'_>) -> RedisResult<Vec<i64>> {
        match &self.0 {
            Kind::Single(single) => single.run(script).await,
            #[cfg(feature = "cluster")]
            Kind::Cluster(connection) => run(script, connection.clone()).await,
        }
    }
}

async fn run(script: &ScriptInvocation<'_>, mut connection: impl ConnectionLike) -> RedisResult<Vec<i64>> {
    match script.invoke_async(&mut connection).await {
        Err(error) if error.is_unrecoverable_error() => script.invoke_async(&mut connection).await,
        result => result,
    }
}

/// One address, and the current connection to it.
struct Single {
    client: Client,
    config: ConnectionManagerConfig,
    current: Mutex<Current>,
}

struct Current {
    manager: ConnectionManager,
    opened: Instant,
    /// The start of the oldest script since the last response.
    silent_since: Option<Instant>,
}

impl Current {
    fn open(client: &Client, config: &ConnectionManagerConfig) -> RedisResult<Self> {
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config.clone())?;
        Ok(Self { manager, opened: Instant::now(), silent_since: None })
    }
}

impl Single {
    async fn run(&self, script: &ScriptInvocation<'_>) -> RedisResult<Vec<i64>> {
        let (manager, opened) = self.begin()?;
        let result = run(script, manager).await;
        self.current().silent_since = None;
        match result {
            Err(error) if is_left_behind(&error) => match self.another(opened)? {
                Some(manager) => run(script, manager).await,
                None => Err(error),
            },
            result => result,
        }
    }

    /// Returns the connection for a script: a new one if the current one is silent.
    fn begin(&self) -> RedisResult<(ConnectionManager, Instant)> {
        let mut current = self.current();
        let now = Instant::now();
        if current.silent_since.is_some_and(|since| now.duration_since(since) >= DEAD) {
            *current = Current::open(&self.client, &self.config)?;
        }
        current.silent_since.get_or_insert(now);
        Ok((current.manager.clone(), current.opened))
    }

    /// Replaces the connection that was opened at `opened`. `None` if it is too young to be replaced.
    fn another(&self, opened: Instant) -> RedisResult<Option<ConnectionManager>> {
        let mut current = self.current();
        if current.opened == opened {
            if opened.elapsed() < LEAST_AGE {
                return Ok(None);
            }
            *current = Current::open(&self.client, &self.config)?;
        }
        Ok(Some(current.manager.clone()))
    }

    /// A panic cannot leave the state inconsistent.
    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_left_behind(error: &RedisError) -> bool {
    // Before Redis 7, the error of a command in a script is a part of the text.
    let is = |code: &str| {
        let within = |text: &str| text.contains(&format!(" -{code} "));
        error.code() == Some(code) || error.detail().is_some_and(within)
    };
    LEFT_BEHIND.into_iter().any(is)
}

#[cfg(feature = "cluster")]
impl From<redis::cluster_async::ClusterConnection> for Connection {
    fn from(connection: redis::cluster_async::ClusterConnection) -> Self {
        Self(Kind::Cluster(connection))
    }
}

/// Prints neither address nor password.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Kind::Single(_) => "Connection",
            #[cfg(feature = "cluster")]
            Kind::Cluster(_) => "Connection(cluster)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_servers_that_lost_their_role_are_recognised() {
        for (line, expected) in [
            ("READONLY You can't write against a read only replica. script: 0, on @user_script:30.", true),
            (
                "ERR Error running script (call to f_0): @user_script:30: @user_script: 30: -READONLY You can't write.",
                true,
            ),
            ("LOADING Redis is loading the dataset in memory", true),
            ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", true),
            ("NOREPLICAS Not enough good replicas to write.", true),
            ("NOPERM this user has no permissions to run the 'evalsha' command", false),
            ("OOM command not allowed when used memory > 'maxmemory'.", false),
            ("ERR value is not an integer or out of range", false),
        ] {
            let value = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
            let error = value.extract_error().unwrap_err();
            assert_eq!(is_left_behind(&error), expected, "{line}");
        }
    }
}
