//! How the stores reach Redis or Valkey: one server (or what stands behind one address), or a cluster.

use std::fmt;
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp;
use redis::{IntoConnectionInfo, RedisResult, ScriptInvocation};

/// A connection that carries nothing for so long is none.
const DEAD: Duration = Duration::from_secs(5);

/// A connection to Redis 5 or newer, or Valkey. Clones share it; many can ask over it at the same time.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cashfree_vkyc_redis::{Connection, RedisDedupe, RedisRateLimiter};
///
/// let connection = Connection::open("redis://127.0.0.1:6379")?; // nothing is sent before it is needed
/// let seen = RedisDedupe::new(connection.clone());
/// let limiter = RedisRateLimiter::new(connection, 100);
/// # Ok(())
/// # }
/// ```
///
/// A [`ConnectionManager`] of your own, with settings of your own, becomes one by `Connection::from`; and so does, with the
/// feature `cluster`, a `ClusterConnection`.
#[derive(Clone)]
pub struct Connection(Kind);

#[derive(Clone)]
enum Kind {
    Single(ConnectionManager),
    #[cfg(feature = "cluster")]
    Cluster(redis::cluster_async::ClusterConnection),
}

impl Connection {
    /// A connection that is opened when it is first needed, and again whenever it breaks. Within a tokio runtime only.
    ///
    /// With the feature `rustls`, `rediss://` is TLS, by the provider of crypto that rustls has as its default: where your program
    /// compiles several of them, choose one, as for any user of rustls.
    /// A server that vanished is noticed within seconds. Where the server's certificate is of an authority of your own, or asks for
    /// one of yours, make a client by `redis::Client::build_with_tls` and give its `get_connection_info().clone()`.
    ///
    /// # Errors
    /// When the address is none.
    pub fn open(address: impl IntoConnectionInfo) -> RedisResult<Self> {
        // How long a response may take, the stores say; here is how long a connection may lead nowhere.
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
        let client = redis::Client::open(address.into_connection_info()?.set_tcp_settings(settings))?;
        Ok(ConnectionManager::new_lazy_with_config(client, config)?.into())
    }

    /// Runs a script, and runs it once more over the next connection if this one broke.
    pub(crate) async fn run(&self, script: &ScriptInvocation<'_>) -> RedisResult<Vec<i64>> {
        match &self.0 {
            Kind::Single(connection) => run(script, connection.clone()).await,
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

impl From<ConnectionManager> for Connection {
    fn from(connection: ConnectionManager) -> Self {
        Self(Kind::Single(connection))
    }
}

#[cfg(feature = "cluster")]
impl From<redis::cluster_async::ClusterConnection> for Connection {
    fn from(connection: redis::cluster_async::ClusterConnection) -> Self {
        Self(Kind::Cluster(connection))
    }
}

/// Neither address nor password.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Kind::Single(_) => "Connection",
            #[cfg(feature = "cluster")]
            Kind::Cluster(_) => "Connection(cluster)",
        })
    }
}
