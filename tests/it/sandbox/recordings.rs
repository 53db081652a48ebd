//! Recordings: their links are signed and expire, and faults of their download can be injected.

use std::time::Duration;

use cashfree_vkyc::sandbox::{Fault, Journey, Sandbox, Verification};
use cashfree_vkyc::{DownloadError, RetryPolicy};

async fn recorded() -> (Sandbox, Verification) {
    recorded_in(Sandbox::start().await.unwrap()).await
}

async fn recorded_in(sandbox: Sandbox) -> (Sandbox, Verification) {
    let vkyc = sandbox.begin("vkyc", Journey::completed()).unwrap();
    vkyc.finish().await.unwrap();
    (sandbox, vkyc)
}

fn quick() -> RetryPolicy {
    RetryPolicy::default().max_attempts(3).base_delay(Duration::from_millis(1))
}

/// Status, headers, body of a plain GET.
async fn get(url: &str, range: &[(&'static str, &str)]) -> (u16, http::HeaderMap, Vec<u8>) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = range.iter().fold(http.get(url), |request, (name, value)| request.header(*name, *value));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_download_is_complete_also_after_an_interruption() {
    let (sandbox, vkyc) = recorded().await;
    let (client, state) = (sandbox.client().unwrap(), vkyc.state().unwrap());
    let mut whole = Vec::new();
    state.recording().unwrap().download(&client, &mut whole).await.unwrap();
    assert!(whole.len() > 30_000 && whole[4..8] == *b"ftyp");

    sandbox.inject(Fault::truncated().on_recordings().times(1));
    let mut resumed = Vec::new();
    let download = state.recording().unwrap().download(&client, &mut resumed).retry(quick());
    let receipt = download.await.unwrap();
    assert!(resumed == whole && receipt.bytes() == whole.len() as u64);
    let downloads: Vec<_> = sandbox.requests().into_iter().filter(|request| request.operation.is_none()).collect();
    let statuses: Vec<_> = downloads.iter().map(|request| request.http_status.unwrap()).collect();
    assert_eq!(statuses, [200, 200, 206]);
    sandbox.inject(Fault::status(503).on_recordings().times(1));
    let again = state.recording().unwrap().download(&client, tokio::io::sink()).retry(quick());
    assert_eq!(again.await.unwrap().sha256(), receipt.sha256());
}

#[tokio::test]
async fn an_expired_link_is_renewed_by_a_status_call() {
    let (sandbox, vkyc) = recorded().await;
    let (client, state) = (sandbox.client().unwrap(), vkyc.state().unwrap());
    sandbox.expire_recordings();
    let (status, _, body) = get(state.recording_link.as_ref().unwrap().expose(), &[]).await;
    assert!(status == 403 && String::from_utf8(body).unwrap().contains("AccessDenied"));
    let receipt = state.recording().unwrap().download(&client, tokio::io::sink()).retry(quick()).await.unwrap();
    assert!(receipt.bytes() > 0);
    sandbox.assert_called("vkycGetStatus", 1);
}

#[tokio::test]
async fn a_link_expires_after_an_hour_and_is_valid_for_one_recording() {
    let still = Sandbox::builder().at("2025-07-09T08:48:09Z".parse().unwrap()).start().await.unwrap();
    let (sandbox, vkyc) = recorded_in(still).await;
    let link = vkyc.state().unwrap().recording_link.unwrap().into_inner();
    let other = sandbox.begin("other", Journey::completed()).unwrap();
    other.finish().await.unwrap();
    assert_eq!(get(&link, &[]).await.0, 200);
    let name = |vkyc: &Verification| format!("/{}.mp4", vkyc.reference_id());
    assert_eq!(get(&link.replace(&name(&vkyc), &name(&other)), &[]).await.0, 403);
    assert_eq!(get(&link.replace("Expires=3600", "Expires=9999"), &[]).await.0, 200, "the sandbox has its own expiry");
    assert_eq!(get(link.split_once('?').unwrap().0, &[]).await.0, 403);
    sandbox.advance_clock(Duration::from_secs(3599));
    assert_eq!(get(&link, &[]).await.0, 200);
    sandbox.advance_clock(Duration::from_secs(1));
    assert_eq!(get(&link, &[]).await.0, 403);
    assert_eq!(get(vkyc.state().unwrap().recording_link.unwrap().expose(), &[]).await.0, 200);
}

#[tokio::test]
async fn a_range_is_served_only_of_the_same_version() {
    let (_sandbox, vkyc) = recorded().await;
    vkyc.set_recording("0123456789").unwrap();
    let link = vkyc.state().unwrap().recording_link.unwrap().into_inner();
    let (status, headers, body) = get(&link, &[]).await;
    assert_eq!((status, &*body), (200, &b"0123456789"[..]));
    let etag = headers["etag"].to_str().unwrap().to_owned();
    let (status, headers, body) = get(&link, &[("range", "bytes=4-6"), ("if-range", &etag)]).await;
    assert_eq!((status, &*body, headers["content-range"].to_str().unwrap()), (206, &b"456"[..], "bytes 4-6/10"));
    let (status, headers, _) = get(&link, &[("range", "bytes=10-")]).await;
    assert_eq!((status, headers["content-range"].to_str().unwrap()), (416, "bytes */10"));
    vkyc.set_recording("another").unwrap();
    let (status, _, body) = get(&link, &[("range", "bytes=4-6"), ("if-range", &etag)]).await;
    assert_eq!((status, &*body), (200, &b"another"[..]));
}

#[tokio::test]
async fn a_recording_replaced_during_its_download_is_an_error() {
    let (sandbox, vkyc) = recorded().await;
    sandbox.inject(Fault::truncated().on_recordings().times(1));
    let (client, state, mut begun) = (sandbox.client().unwrap(), vkyc.state().unwrap(), false);
    let download = state.recording().unwrap().download(&client, tokio::io::sink()).retry(quick());
    let error = download.progress(move |_| {
        if !std::mem::replace(&mut begun, true) {
            vkyc.set_recording("another").unwrap();
        }
    });
    assert!(matches!(error.await.unwrap_err(), DownloadError::Changed));
}
