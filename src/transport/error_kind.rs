//! The kinds of errors, and whether a request reached Cashfree: the first two questions of a caller.

/// The kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The options of this call are not valid, or the two-factor signature cannot be created. Nothing was sent.
    ///
    /// # Troubleshooting
    /// The message names the option. Errors in a client's own options are a `ConfigError` when it is built.
    Config,
    /// The request was rejected before anything was sent.
    ///
    /// # Troubleshooting
    /// The message names the argument. Correct it and call again.
    InvalidRequest,
    /// No connection could be made: the name does not resolve, or the port is closed. Nothing was sent.
    ///
    /// # Troubleshooting
    /// Check DNS, the firewall and the proxy; the error's source says which step failed.
    Connect,
    /// The server's certificate is not acceptable, it does not speak TLS, or it rejects our certificate.
    ///
    /// # Troubleshooting
    /// Check this machine's clock and certificate store. Behind a proxy that intercepts TLS, add its root certificate with
    /// `ClientBuilder::http`. Such a call is never retried automatically.
    Tls,
    /// The time limit was reached.
    ///
    /// # Troubleshooting
    /// Call again, or allow more time with `ClientBuilder::timeout`. Asking for a status twice does no harm. The wait for a slot
    /// of the rate limit counts too.
    Timeout,
    /// The connection broke, or the body was cut short.
    ///
    /// # Troubleshooting
    /// Call again. If it happens often, look for a proxy or load balancer that closes connections.
    Io,
    /// The body is larger than `ClientBuilder::max_response_bytes`, or the headers are larger than HTTP clients accept.
    ///
    /// # Troubleshooting
    /// A response of this API has about a kilobyte. Check whether a proxy responds in Cashfree's place.
    TooLarge,
    /// The server sent a redirect. It is not followed, because that would send the credentials elsewhere.
    ///
    /// # Troubleshooting
    /// Check the base URL of `Environment::custom`, and whether a proxy asks for a login.
    Redirect,
    /// Cashfree responded with an error. [`Error::api`](crate::Error::api) returns its body, [`Error::code`](crate::Error::code)
    /// its code.
    ///
    /// # Troubleshooting
    /// Match on the HTTP status together with the code; [`ErrorCode`](crate::ErrorCode) has the meanings. 401: the key pair is
    /// wrong. 403: the IP allow-list or the two-factor signature. 404: no such verification in this account and environment.
    Api,
    /// Cashfree responded with 429: too many requests in this minute.
    ///
    /// # Troubleshooting
    /// Wait for [`Error::retry_after`](crate::Error::retry_after) before the next call, and set `ClientBuilder::rate_limit`: the
    /// documented standard is 100 requests a minute.
    RateLimited,
    /// The response has a success status, but is not what the spec describes.
    ///
    /// # Troubleshooting
    /// [`Error::field_path`](crate::Error::field_path) names the field, [`Error::raw_body`](crate::Error::raw_body) has the body.
    /// Please report it with the request id: the spec of this crate may need an update.
    Decode,
    /// The response has another id than the request. It is not returned, so that no customer's state is taken for another's. The
    /// call was tried again once on a single-use connection.
    ///
    /// # Troubleshooting
    /// Look for a proxy, gateway or cache that mixes up responses. [`Error::raw_body`](crate::Error::raw_body) may contain
    /// another customer's data.
    Mismatch,
}

/// Whether the request reached Cashfree. Check it before you send a write again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// No attempt sent anything.
    NotSent,
    /// It may have been executed: something was sent, and no usable response came.
    Unknown,
    /// There was a response.
    Answered,
}

impl ErrorKind {
    /// The message for `Display`: the failure and the cure.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Config => "the options of the call are not valid",
            Self::InvalidRequest => "the request is not valid",
            Self::Connect => "no connection could be made; check the network, the firewall and the proxy",
            Self::Tls => "the server's certificate or TLS is not acceptable; check the clock and the certificate store",
            Self::Timeout => "the time limit was reached; call again, or allow more time",
            Self::Io => "the connection broke; call again",
            Self::TooLarge => "the response is too large; check whether a proxy responds in Cashfree's place",
            Self::Redirect => "the server redirects, which is not followed; check the base URL",
            Self::Api => "Cashfree answered with an error",
            Self::RateLimited => "too many requests; wait before the next call",
            Self::Decode => "the response is not what the spec describes; look at raw_body() and report it",
            Self::Mismatch => {
                "the response has another id than the request; look for a proxy or cache that mixes up responses"
            }
        }
    }
}
