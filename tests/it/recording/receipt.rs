//! The receipt of a download, which is stored with the recording.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::{FILE, answer, api, link, part, quick, silent, storage};
use crate::support::internet::Internet;

/// SHA-256 of [`FILE`], as `sha256sum` prints it.
const HASH: &str = "74e7e5bb9d22d6db26bf76946d40fff3ea9f0346b884fd0694920fccfad15e33";

fn hash(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_receipt_has_the_size_hash_headers_and_times_of_the_file() {
    assert_eq!(hash(FILE), HASH);
    let head = "200 OK\r\ncontent-length: 36\r\ncontent-type: video/mp4\r\netag: W/\"weak\"";
    let storage = storage(vec![answer(head, FILE)]).await;
    let before = jiff::Timestamp::now();
    let mut file = Vec::new();
    let receipt = link(&storage, "").download(&silent().await, &mut file).await.unwrap();
    assert_eq!((receipt.bytes(), receipt.sha256(), hash(&file).as_str()), (36, HASH, HASH));
    assert_eq!((receipt.content_type(), receipt.etag()), (Some("video/mp4"), Some("W/\"weak\"")));
    let (began, ended) = (receipt.began_at(), receipt.ended_at());
    assert!(before <= began && began <= ended && ended <= jiff::Timestamp::now(), "{receipt:?}");
    assert_eq!(receipt.clone(), receipt);
}

#[tokio::test]
async fn a_receipt_lacks_headers_that_the_storage_did_not_send() {
    let chunked = answer("200 OK\r\ntransfer-encoding: chunked", b"a\r\n0123456789\r\n0\r\n\r\n");
    let storage = storage(vec![chunked]).await;
    let receipt = link(&storage, "").download(&silent().await, Vec::new()).await.unwrap();
    assert_eq!((receipt.content_type(), receipt.etag(), receipt.bytes()), (None, None, 10));
    assert_eq!(receipt.sha256(), hash(&FILE[..10]));
}

/// The download is interrupted, sent again from the start, or continued with a fresh link.
#[tokio::test]
async fn the_hash_covers_every_part_of_a_resumed_download() {
    let forbidden = answer("403 No\r\ncontent-length: 0", b"");
    for answers in [
        vec![part(0, 10, "\"a\""), part(10, 5, "\"a\""), part(15, 21, "\"a\"")],
        vec![part(0, 10, "\"a\""), part(0, 36, "\"a\"")],
        vec![part(0, 10, "\"a\""), part(0, 20, "\"a\""), part(20, 16, "\"a\"")],
        vec![part(0, 10, "\"a\""), forbidden, part(10, 26, "\"a\"")],
        vec![answer("200 OK\r\ncontent-length: 99\r\netag: \"b\"", b""), part(0, 36, "\"a\"")],
    ] {
        let storage = storage(answers).await;
        let api = api(&storage, "fresh=1").await;
        let mut file = Vec::new();
        let receipt = link(&storage, "").download(&api.client(), &mut file).retry(quick(3)).await.unwrap();
        assert_eq!((receipt.sha256(), receipt.bytes(), receipt.etag()), (HASH, 36, Some("\"a\"")));
        assert_eq!(file, FILE);
    }
}

/// The receipt has the time of the whole download.
#[tokio::test]
async fn the_times_of_a_receipt_include_the_waits_of_the_download() {
    let busy = answer("503 Slow Down\r\nretry-after: 1\r\ncontent-length: 0", b"");
    let storage = storage(vec![busy, part(0, 36, "\"a\"")]).await;
    let receipt = link(&storage, "").download(&silent().await, Vec::new()).retry(quick(2)).await.unwrap();
    let took = Duration::try_from(receipt.ended_at().duration_since(receipt.began_at())).unwrap();
    assert!((Duration::from_secs(1)..Duration::from_secs(20)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn a_receipt_serialises_to_json_and_prints_no_link() {
    let signature = "canary-7f3a";
    let head = format!(
        "200 OK\r\ncontent-length: 36\r\ncontent-type: https://h/{signature}\r\netag: \"https://h/{signature}\""
    );
    let internet = Internet::answering(answer(&head, FILE)).await;
    let mut vkyc = cashfree_vkyc::VideoKyc::default();
    vkyc.recording_link = Some(format!("https://storage.example/r.mp4?X-Amz-Signature={signature}").as_str().into());
    let client = internet.builder().build().unwrap();
    let receipt = vkyc.recording().unwrap().download(&client, Vec::new()).await.unwrap();
    let printed = format!("{receipt:?} {receipt:#?}");
    assert!(printed.contains(HASH) && printed.contains("36") && !printed.contains(signature), "{printed}");
    let kept = serde_json::to_value(&receipt).unwrap();
    assert_eq!(
        kept,
        json!({
            "bytes": 36,
            "sha256": HASH,
            "content_type": format!("https://h/{signature}"),
            "etag": format!("\"https://h/{signature}\""),
            "began_at": receipt.began_at().to_string(),
            "ended_at": receipt.ended_at().to_string(),
        })
    );
    let ended: jiff::Timestamp = kept["ended_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(ended, receipt.ended_at());
    assert!(kept.as_object().unwrap().values().all(|value| !matches!(value, Value::Object(_) | Value::Array(_))));
}

/// The existing bytes and their tag suffice to request the rest. The receipt covers all bytes.
#[tokio::test]
async fn a_download_continues_after_the_bytes_of_an_earlier_one() {
    use std::sync::Mutex;

    for (earlier, answers) in [
        (10, vec![part(10, 26, "\"a\"")]),
        (10, vec![part(0, 36, "\"a\"")]),
        (36, vec![answer("416 No\r\ncontent-length: 0\r\ncontent-range: bytes */36", b"")]),
        (0, vec![part(0, 36, "\"a\"")]),
    ] {
        let storage = storage(answers).await;
        let (mut file, told) = (FILE[..earlier].to_vec(), Mutex::new(Vec::new()));
        let download = link(&storage, "").download(&silent().await, &mut file);
        let download = download.on_version(|etag| told.lock().unwrap().push(etag.map(str::to_owned)));
        let receipt = download.after(&FILE[..earlier], "\"a\"").unwrap().await.unwrap();
        assert_eq!((receipt.sha256(), receipt.bytes(), receipt.etag()), (HASH, 36, Some("\"a\"")));
        assert_eq!(file, FILE);
        // A resumed download knows the version already.
        let versions = if earlier == 0 { vec![Some("\"a\"".to_owned())] } else { Vec::new() };
        assert_eq!(told.into_inner().unwrap(), versions);
    }
}

#[tokio::test]
async fn a_download_with_another_or_a_weak_etag_is_not_continued() {
    for (tag, answers) in [
        ("\"b\"", vec![part(0, 36, "\"a\"")]),
        ("W/\"a\"", vec![part(0, 36, "\"a\"")]),
        ("no\ntag", vec![part(0, 36, "\"a\"")]),
    ] {
        let storage = storage(answers).await;
        let mut file = FILE[..10].to_vec();
        let download = link(&storage, "").download(&silent().await, &mut file).after(&FILE[..10], tag).unwrap();
        assert!(matches!(download.await, Err(cashfree_vkyc::DownloadError::Changed)), "{tag}");
        assert_eq!(file, &FILE[..10]);
    }
}
