//! [`Error`] as a response of axum.

use axum_core::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;

use super::Error;

/// Responds with [`Error::gateway_status`], and with `Retry-After` if there is one. The body is empty: the text of an error is for the
/// operators of the service. Log it before.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.gateway_status().into_response();
        if let Some(wait) = self.retry_after() {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::{Delivery, ErrorKind, SOME_OPERATION};
    use super::*;

    #[test]
    fn a_response_has_the_status_and_the_wait_rounded_up_and_no_text() {
        let error = Error::without_response(&SOME_OPERATION, ErrorKind::RateLimited, Delivery::NotSent, "canary");
        let response = error.with_retry_after(Some(Duration::from_millis(1_200))).into_response();
        assert_eq!((response.status().as_u16(), &response.headers()[RETRY_AFTER]), (503, &"2".parse().unwrap()));
        assert!(!response.headers().contains_key("content-type"));
        let error = Error::without_response(&SOME_OPERATION, ErrorKind::RateLimited, Delivery::NotSent, "");
        let response = error.with_retry_after(Some(Duration::from_secs(2))).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "2");
    }
}
