//! A recording is complete and equals the file in the storage, or the download is an error: without a length, truncated, empty or
//! encoded.

use cashfree_vkyc::RetryPolicy;

use super::{FILE, answer, link, part, quick, silent, storage};
use crate::support::all_texts;

/// Returns all texts of the error of a download from a storage with these responses, and the written bytes.
async fn refused(answers: Vec<Vec<u8>>) -> (String, Vec<u8>) {
    let storage = storage(answers).await;
    let mut file = Vec::new();
    let outcome = link(&storage, "").download(&silent().await, &mut file).retry(quick(2)).await;
    (all_texts(&outcome.expect_err("the download succeeded")), file)
}

/// Returns the bytes written by a download from a storage with these responses.
async fn written(answers: Vec<Vec<u8>>) -> Vec<u8> {
    let storage = storage(answers).await;
    let mut file = Vec::new();
    link(&storage, "").download(&silent().await, &mut file).retry(quick(3)).await.unwrap();
    file
}

#[tokio::test]
async fn a_body_without_a_length_is_refused() {
    let old = |head: &str, body: &[u8]| [format!("HTTP/1.0 {head}\r\n\r\n").as_bytes(), body].concat();
    for answer in [
        answer("200 OK", &FILE[..10]),
        answer("200 OK", FILE),
        answer("200 OK", b""),
        answer("200 OK\r\netag: \"a\"", &FILE[..10]),
        answer("200 OK\r\ntransfer-encoding: identity", FILE),
        old("200 OK", FILE),
        old("200 OK\r\netag: \"a\"", &FILE[..10]),
    ] {
        let (texts, file) = refused(vec![answer]).await;
        assert!(texts.contains("has no length") && file.is_empty(), "{texts}");
    }
}

#[tokio::test]
async fn a_truncated_body_is_detected_at_any_position() {
    let chunked = |body: &[u8]| answer("200 OK\r\ntransfer-encoding: chunked", body);
    for cut in [
        answer("200 OK\r\ncontent-length: 36", &FILE[..35]),
        chunked(b"a\r\n0123456789\r\n"),
        chunked(b"a\r\n0123456789"),
        chunked(b"a\r\n01234"),
        chunked(b"a\r\n0123456789\r\n0\r\n"),
        chunked(b"a\r\n0123456789\r\nnonsense"),
    ] {
        let (texts, _) = refused(vec![cut]).await;
        assert!(texts.contains("broke off"), "{texts}");
    }
}

#[tokio::test]
async fn an_empty_recording_is_an_error() {
    for empty in [
        answer("200 OK\r\ncontent-length: 0", b""),
        answer("200 OK\r\ncontent-length: 0\r\netag: \"a\"", b""),
        answer("200 OK\r\ntransfer-encoding: chunked", b"0\r\n\r\n"),
    ] {
        let (texts, file) = refused(vec![empty]).await;
        assert!(texts.contains("empty") && file.is_empty(), "{texts}");
    }
}

/// Compresses with gzip.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// This package turns on `gzip` in reqwest, as any crate of a user may. It must have no effect.
#[tokio::test]
async fn an_encoded_body_is_refused_and_not_decoded() {
    let body = gzip(FILE);
    for coding in [
        "content-encoding: gzip",
        "content-encoding: GZIP",
        "content-encoding: x-gzip",
        "content-encoding: br",
        "content-encoding: zstd",
        "content-encoding: deflate",
        "content-encoding: aws-chunked",
        "content-encoding: identity, gzip",
        "content-encoding: identity\r\ncontent-encoding: gzip",
        "content-encoding: canary-7f3a",
    ] {
        let head = format!("200 OK\r\n{coding}\r\ncontent-length: {}\r\netag: \"a\"", body.len());
        let (texts, file) = refused(vec![answer(&head, &body)]).await;
        assert!(texts.contains("is encoded") && !texts.contains("canary") && file.is_empty(), "{coding}: {texts}");
    }
    for coding in ["gzip, chunked", "gzip"] {
        let mut chunked = format!("{:x}\r\n", body.len()).into_bytes();
        chunked.extend_from_slice(&[&body[..], b"\r\n0\r\n\r\n"].concat());
        let (_, file) = refused(vec![answer(&format!("200 OK\r\ntransfer-encoding: {coding}"), &chunked)]).await;
        assert!(file.is_empty(), "{coding}");
    }
    let head = "200 OK\r\ncontent-encoding: identity\r\ncontent-length: 36";
    assert_eq!(written(vec![answer(head, FILE)]).await, FILE);
}

/// The offsets of an encoded range are not those of the file.
#[tokio::test]
async fn an_encoded_range_is_refused() {
    let head =
        "206 Partial\r\ncontent-encoding: gzip\r\ncontent-length: 26\r\ncontent-range: bytes 10-35/36\r\netag: \"a\"";
    let (texts, file) = refused(vec![part(0, 10, "\"a\""), answer(head, &FILE[10..])]).await;
    assert!(texts.contains("is encoded") && file == FILE[..10], "{texts}");
}

#[tokio::test]
async fn a_content_length_with_chunked_encoding_is_an_error() {
    let both = answer("200 OK\r\ncontent-length: 36\r\ntransfer-encoding: chunked", b"a\r\n0123456789\r\n0\r\n\r\n");
    let (texts, file) = refused(vec![both]).await;
    assert!(texts.contains("contradicts itself") && file.is_empty(), "{texts}");
}

fn resumed(range: &str, more: &str, body: &[u8]) -> Vec<u8> {
    answer(&format!("206 Partial\r\ncontent-range: bytes {range}\r\netag: \"a\"{more}"), body)
}

#[tokio::test]
async fn a_contradictory_range_is_refused_and_not_written() {
    for second in [
        resumed("10-14/36", "\r\ncontent-length: 26", &FILE[10..]),
        resumed("10-36/36", "\r\ncontent-length: 27", &[b'x'; 27]),
        resumed("10-9/36", "\r\ncontent-length: 0", b""),
        resumed("10-35/9", "\r\ncontent-length: 26", &FILE[10..]),
        resumed("+10-35/36", "\r\ncontent-length: 26", &FILE[10..]),
        resumed("10-18446744073709551615/36", "\r\ncontent-length: 26", &FILE[10..]),
        resumed("0-25/36", "\r\ncontent-length: 26", &FILE[10..]),
        resumed("10-35/36\r\ncontent-range: bytes 0-35/36", "\r\ncontent-length: 26", &FILE[10..]),
    ] {
        let shown = String::from_utf8_lossy(&second).into_owned();
        let (_, file) = refused(vec![part(0, 10, "\"a\""), second]).await;
        assert_eq!(file, FILE[..10], "{shown}");
    }
}

/// The range gives the length.
#[tokio::test]
async fn a_range_without_a_content_length_ends_at_its_last_byte() {
    let all = resumed("10-35/36", "", &FILE[10..]);
    assert_eq!(written(vec![part(0, 10, "\"a\""), all]).await, FILE);
    let cut = resumed("10-35/36", "", &FILE[10..20]);
    assert_eq!(written(vec![part(0, 10, "\"a\""), cut, part(20, 16, "\"a\"")]).await, FILE);
    let longer = resumed("10-35/36", "", &[&FILE[10..], b"more"].concat());
    let (texts, file) = refused(vec![part(0, 10, "\"a\""), longer]).await;
    assert!(texts.contains("contradicts itself") && file.len() <= 36, "{texts}");
}

/// `bytes 10-19/*` may be the rest of a file of unknown length, or a part of the rest.
#[tokio::test]
async fn the_end_of_a_range_is_not_the_end_of_the_file() {
    let cut = answer("200 OK\r\ntransfer-encoding: chunked\r\netag: \"a\"", b"a\r\n0123456789\r\n");
    let some = resumed("10-19/*", "\r\ncontent-length: 10", &FILE[10..20]);
    let rest = resumed("20-35/*", "\r\ncontent-length: 16", &FILE[20..]);
    let end = answer("416 No\r\ncontent-range: bytes */36\r\ncontent-length: 0", b"");
    assert_eq!(written(vec![cut, some, rest, end]).await, FILE);
}

/// The first response had the length of the file.
#[tokio::test]
async fn a_shorter_length_after_an_interruption_is_an_error() {
    let end = answer("416 No\r\ncontent-range: bytes */10\r\netag: \"a\"\r\ncontent-length: 0", b"");
    let (texts, file) = refused(vec![part(0, 10, "\"a\""), end]).await;
    assert!(texts.contains("416") && file == FILE[..10], "{texts}");
    let shorter = answer("200 OK\r\ntransfer-encoding: chunked\r\netag: \"a\"", b"a\r\n0123456789\r\n0\r\n\r\n");
    let (texts, file) = refused(vec![part(0, 10, "\"a\""), shorter]).await;
    assert!(texts.contains("is not the file") && file == FILE[..10], "{texts}");
}

/// An ETag may be wrong, so the bytes are compared.
#[tokio::test]
async fn a_file_that_is_sent_again_is_compared_byte_by_byte() {
    let other = |body: &[u8]| answer(&format!("200 OK\r\ncontent-length: {}\r\netag: \"a\"", body.len()), body);
    let mut changed = FILE.to_vec();
    changed[3] = b'x';
    let chunked = |body| answer("200 OK\r\ntransfer-encoding: chunked\r\netag: \"a\"", body);
    let begun = chunked(b"a\r\n0123456789\r\n");
    for second in [other(&changed), other(&FILE[..5]), chunked(b"5\r\n01234\r\n0\r\n\r\n")] {
        let (texts, file) = refused(vec![begun.clone(), second]).await;
        assert!(texts.contains("is not the file that the download began with"), "{texts}");
        assert_eq!(file, FILE[..10]);
    }
}

/// Ten attempts would take half a minute.
/// Only a range that was asked for may be a part of the file, or be beyond its end.
#[tokio::test]
async fn an_unrequested_range_is_refused() {
    let whole = answer("206 Partial\r\ncontent-length: 36\r\ncontent-range: bytes 0-35/36\r\netag: \"a\"", FILE);
    let (texts, file) = refused(vec![whole]).await;
    assert!(texts.contains("206") && file.is_empty(), "{texts}");
    let beyond = answer("416 No\r\ncontent-length: 0\r\ncontent-range: bytes */0", b"");
    // Of unknown length, so that only these responses tell its end.
    let cut = |body: &[u8]| answer("200 OK\r\ntransfer-encoding: chunked\r\netag: \"a\"", body);
    let (texts, file) = refused(vec![cut(b""), beyond]).await;
    assert!(texts.contains("416") && file.is_empty(), "{texts}");
    // The total of `Content-Range` says nothing under another status.
    let other = answer("404 No\r\ncontent-length: 0\r\ncontent-range: bytes */10", b"");
    let (texts, file) = refused(vec![cut(b"a\r\n0123456789\r\n"), other]).await;
    assert!(texts.contains("404") && file == FILE[..10], "{texts}");
}

#[tokio::test]
async fn a_storage_that_asks_for_patience_is_asked_again() {
    for status in [408, 429, 500, 503] {
        let busy = answer(&format!("{status} Busy\r\ncontent-length: 0"), b"");
        assert_eq!(written(vec![part(0, 10, "\"a\""), busy, part(10, 26, "\"a\"")]).await, FILE, "{status}");
    }
}

/// A writer that buffers is flushed.
#[tokio::test]
async fn a_download_ends_with_a_flush() {
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    let mut file = tokio::io::BufWriter::new(Vec::new());
    link(&storage, "").download(&silent().await, &mut file).await.unwrap();
    assert_eq!(file.get_ref(), FILE);
}

#[tokio::test]
async fn permanent_download_errors_are_not_retried() {
    for head in ["200 OK", "200 OK\r\ncontent-length: 0", "200 OK\r\ncontent-length: 1\r\ncontent-encoding: br"] {
        let storage = storage(vec![answer(head, b"")]).await;
        let policy = RetryPolicy::default().max_attempts(10);
        link(&storage, "").download(&silent().await, Vec::new()).retry(policy).await.unwrap_err();
        assert_eq!(storage.requests().len(), 1, "{head}");
    }
}
