//! Cases over the network: calls of one client, and the start of a sandbox.

use std::io;

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::{
    Client, Credentials, Environment, Initiate, NotificationType, ReferenceId, UserId, VerificationId,
};
use cashfree_vkyc_bare as bare;
use futures_util::{StreamExt as _, stream};
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::filter::LevelFilter;

use crate::Side;

/// The verification in the server's response.
pub(crate) const REFERENCE_ID: i64 = 1358;

/// A runtime with one thread, so that counts do not vary between runs.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub(crate) fn client(url: &str) -> Client {
    let credentials = Credentials::new("client-id", "client-secret").unwrap();
    Client::builder().environment(Environment::custom(url).unwrap()).credentials(credentials).build().unwrap()
}

/// Requests a status from the server this many times.
pub(crate) fn calls(side: Side, times: u32, concurrency: usize, url: &str) {
    let ids = stream::iter(0..times).map(|_| REFERENCE_ID);
    match side {
        Side::Ours => {
            let client = &client(url);
            let all = ids.map(|id| async move { drop(client.status(ReferenceId(id)).await.unwrap()) });
            runtime().block_on(all.buffer_unordered(concurrency).collect::<()>());
        }
        Side::Bare => {
            let (client, url) = (&bare::client().unwrap(), &format!("{url}/vkyc"));
            let all = ids.map(|id| async move { drop(bare::status(client, url, id).await.unwrap()) });
            runtime().block_on(all.buffer_unordered(concurrency).collect::<()>());
        }
    }
}

/// Calls with a typical subscriber, which formats the span of each call into nowhere. Code by hand usually traces nothing, so the
/// other side has no subscriber.
pub(crate) fn traced(side: Side, times: u32, url: &str) {
    if side == Side::Ours {
        tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_ansi(true).with_writer(io::sink).init();
    }
    calls(side, times, 1, url);
}

/// Starts this many verifications, one after the other.
pub(crate) fn initiate(side: Side, times: u32, url: &str) {
    const ID: &str = "vkyc_verification_id";
    const USER: &str = "vkyc_user_id1";
    match side {
        Side::Ours => runtime().block_on(async {
            let client = client(url);
            for _ in 0..times {
                let (id, user) = (VerificationId::new(ID).unwrap(), UserId::new(USER).unwrap());
                let initiate = Initiate::new(id, user).notification_types([NotificationType::Sms]);
                drop(client.initiate(initiate).await.unwrap());
            }
        }),
        Side::Bare => runtime().block_on(async {
            let (client, url) = (bare::client().unwrap(), format!("{url}/vkyc"));
            for _ in 0..times {
                let initiate = bare::Initiate {
                    verification_id: ID.to_owned(),
                    user_id: USER.to_owned(),
                    notification_types: vec!["sms".to_owned()],
                };
                drop(bare::initiate(&client, &url, &initiate).await.unwrap());
            }
        }),
    }
}

/// Starts a server for tests this many times. By hand, that is wiremock with one response.
pub(crate) fn sandbox(side: Side, times: u32) {
    let body = serde_json::to_value(Sandbox::published_sample()).unwrap();
    runtime().block_on(async {
        for _ in 0..times {
            match side {
                Side::Ours => {
                    let sandbox = Sandbox::start().await.unwrap();
                    sandbox.put(Sandbox::published_sample());
                }
                Side::Bare => drop(bare::server(&body).await),
            }
        }
    });
}
