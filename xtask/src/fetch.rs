//! The text of a page: from a file, from standard input, or over https.

use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use reqwest::{StatusCode, Url, redirect};

/// More bytes than any page has.
pub(crate) const MAX_BYTES: usize = 5 * 1024 * 1024;
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a page from any source. An error gives the reason and the cure.
pub(crate) fn read(page: &str, timeout: Duration) -> Result<String, String> {
    let bytes = match page {
        "-" => all(std::io::stdin()).map_err(|error| format!("standard input: {error}"))?,
        _ if page.contains("://") => {
            all(fetch(page, timeout)?).map_err(|error| format!("the page ended early: {}", words(&error)))?
        }
        file => File::open(file).and_then(all).map_err(|error| format!("the file cannot be read: {error}"))?,
    };
    if bytes.len() > MAX_BYTES {
        return Err(format!(
            "the page has more than {} MiB, more than the page of an operation can have",
            MAX_BYTES >> 20
        ));
    }
    String::from_utf8(bytes).map_err(|_| "this is not UTF-8 text".into())
}

/// Reads everything, or just over the limit.
fn all(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn fetch(page: &str, timeout: Duration) -> Result<Response, String> {
    let url = Url::parse(page).map_err(|error| format!("the address cannot be read: {error}"))?;
    if url.scheme() != "https" && !is_loopback(&url) {
        return Err("a page is fetched over https only".into());
    }
    let origin = url.origin();
    let index = format!("{}/docs/llms.txt", origin.ascii_serialization());
    // A page that moved to another host, or away from https, is not trusted.
    let within = redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() > 5 || attempt.url().origin() != origin { attempt.stop() } else { attempt.follow() }
    });
    // Some hosts refuse clients that do not name themselves.
    let client = Client::builder().redirect(within).user_agent("cashfree-vkyc-xtask").timeout(timeout).build();
    let response = client.and_then(|client| client.get(url).send()).map_err(|error| match error.is_timeout() {
        true => format!("the page did not come within {} s; try again", timeout.as_secs_f64()),
        false => format!("the page cannot be fetched: {}", words(&error)),
    })?;
    match response.status() {
        StatusCode::OK => Ok(response),
        status @ (StatusCode::NOT_FOUND | StatusCode::GONE) => Err(format!("{status}: the page is gone; see {index}")),
        status if status.is_redirection() => {
            let target = response.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
            Err(format!("{status}: the page moved to {target}; if that is right, run this with the new address"))
        }
        status => Err(format!("{status}: the server did not return the page; try again later")),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An error with its causes, on one line.
fn words(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::tests::{answer, server};

    #[test]
    fn a_page_is_fetched_and_redirects_stay_on_their_host() {
        let url = server(
            |head| {
                if head.starts_with("GET /page.md") {
                    answer("301 Moved\r\nlocation: /new.md", "")
                } else {
                    answer("200 OK", "openapi")
                }
            },
            Duration::ZERO,
        );
        assert_eq!(read(&url, TIMEOUT).unwrap(), "openapi");
    }

    #[test]
    fn requests_name_their_user_agent() {
        let url = server(
            |head| {
                let known = head.to_lowercase().contains("user-agent: cashfree-vkyc-xtask\r\n");
                answer(if known { "200 OK" } else { "403 Forbidden" }, "page")
            },
            Duration::ZERO,
        );
        assert_eq!(read(&url, TIMEOUT).unwrap(), "page");
    }

    #[test]
    fn another_port_is_another_host_and_a_circle_ends() {
        let elsewhere = server(|_| answer("200 OK", "somebody's"), Duration::ZERO);
        let moved = format!("301 Moved\r\nlocation: {elsewhere}");
        let url = server(move |_| answer(&moved, ""), Duration::ZERO);
        let error = read(&url, TIMEOUT).unwrap_err();
        assert!(error.contains(&format!("301 Moved Permanently: the page moved to {elsewhere}; if")), "{error}");
        let url = server(|_| answer("302 Found\r\nlocation: /page.md", ""), Duration::ZERO);
        let error = read(&url, TIMEOUT).unwrap_err();
        assert!(error.contains("the page moved to /page.md; if"), "{error}");
    }

    #[test]
    fn a_response_without_a_page_is_an_error_with_its_reason() {
        let large = "x".repeat(10 * 1024 * 1024);
        for (bytes, says) in [
            (
                answer("301 Moved\r\nlocation: http://localhost:1/elsewhere.md", ""),
                "moved to http://localhost:1/elsewhere.md; if",
            ),
            (answer("404 Not Found", "no"), "404 Not Found: the page is gone"),
            (answer("500 Oops", "no"), "500 Internal Server Error: the server did not return the page"),
            (answer("200 OK", &large), "more than 5 MiB"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncut".to_vec(), "ended early"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xff".to_vec(), "not UTF-8"),
        ] {
            let url = server(move |_| bytes.clone(), Duration::ZERO);
            let error = read(&url, TIMEOUT).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_file_has_the_limit_of_a_page() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let read = |length: usize| {
            std::fs::write(file.path(), "x".repeat(length)).unwrap();
            read(file.path().to_str().unwrap(), TIMEOUT)
        };
        assert_eq!(read(MAX_BYTES).unwrap().len(), MAX_BYTES);
        assert!(read(MAX_BYTES + 1).unwrap_err().contains("more than 5 MiB"));
        // An endless file does not block.
        assert!(!cfg!(unix) || super::read("/dev/zero", TIMEOUT).unwrap_err().contains("more than 5 MiB"));
    }

    #[test]
    fn a_slow_server_times_out() {
        let url = server(|_| answer("200 OK", "late"), Duration::from_secs(20));
        let start = Instant::now();
        assert!(read(&url, Duration::from_millis(200)).unwrap_err().contains("did not come within 0.2 s"));
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn other_addresses_are_refused() {
        for (page, says) in [
            ("http://example.com/page.md", "https only"),
            ("ftp://example.com/page.md", "https only"),
            ("https://", "cannot be read"),
            ("no/such/file.md", "the file cannot be read"),
        ] {
            assert!(read(page, TIMEOUT).unwrap_err().contains(says), "{page}");
        }
    }
}
