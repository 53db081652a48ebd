//! What kinds of errors there are, and whether a request reached Cashfree: the two questions that callers branch on first.

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The options of this call make no sense, or the two-factor signature cannot be made. Nothing was sent.
    ///
    /// # Troubleshooting
    /// The message names the option. What is wrong with a client's own options is a `ConfigError` when it is built.
    Config,
    /// The request was refused on our side, before anything was sent.
    ///
    /// # Troubleshooting
    /// The message names the argument. Nothing reached Cashfree; correct it and call again.
    InvalidRequest,
    /// No connection could be made: the name does not resolve, or the port is closed. Nothing was sent.
    ///
    /// # Troubleshooting
    /// Check DNS, the firewall and the proxy; the error's source says which step failed.
    Connect,
    /// The server's certificate is not acceptable, it does not speak TLS, or it refuses our certificate.
    ///
    /// # Troubleshooting
    /// Check this machine's clock and certificate store. Behind a proxy that opens TLS, add its root certificate with
    /// `ClientBuilder::http`. Never tried again by itself.
    Tls,
    /// The time that was allowed is over.
    ///
    /// # Troubleshooting
    /// Call again, or allow more with `ClientBuilder::timeout`. Asking for a status twice does no harm. With a rate limit, the
    /// wait for a slot counts too.
    Timeout,
    /// The connection broke after it was made, or the body was cut short.
    ///
    /// # Troubleshooting
    /// Call again. If it happens often, look for a proxy or load balancer that closes connections.
    Io,
    /// The body is larger than `ClientBuilder::max_response_bytes` allows, or the headers are larger than HTTP clients take.
    ///
    /// # Troubleshooting
    /// A response of this API has about a kilobyte. See whether a proxy answers in Cashfree's place.
    TooLarge,
    /// The server sent a redirect, which is never followed: it would carry the credentials elsewhere.
    ///
    /// # Troubleshooting
    /// Check the base URL of `Environment::custom`, and whether a proxy asks for a login.
    Redirect,
    /// Cashfree answered with an error. [`Error::api`](crate::Error::api) holds its body, [`Error::code`](crate::Error::code) its code.
    ///
    /// # Troubleshooting
    /// Match on the HTTP status together with the code; [`ErrorCode`](crate::ErrorCode) says what each means. 401: the key pair is wrong.
    /// 403: the IP allow-list or the two-factor signature. 404: no such verification in this account and environment.
    Api,
    /// Cashfree answered 429: too many requests in this minute.
    ///
    /// # Troubleshooting
    /// Wait for [`Error::retry_after`](crate::Error::retry_after) before the next call, and set `ClientBuilder::rate_limit`: 100 requests a minute is the
    /// documented standard.
    RateLimited,
    /// The response claims success and is not what the spec describes.
    ///
    /// # Troubleshooting
    /// [`Error::field_path`](crate::Error::field_path) names the field, [`Error::raw_body`](crate::Error::raw_body) holds what came. Please report it with the request id: the
    /// spec of this crate may need an update.
    Decode,
    /// The response is about something else than was asked for: an id in it is not the one that was sent. Nothing of it is
    /// given to the caller, so nobody's state is taken for another's. The call was tried once more on a connection of its own.
    ///
    /// # Troubleshooting
    /// Look at what stands between this machine
    /// and Cashfree: a proxy, gateway or cache that mixes up answers. [`Error::raw_body`](crate::Error::raw_body) may hold another customer's data.
    Mismatch,
}

/// Whether the request reached Cashfree. What a caller needs to know before sending a write again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Nothing was sent, by any attempt.
    NotSent,
    /// It may have been carried out: something was sent and no response came.
    Unknown,
    /// A response came.
    Answered,
}

impl ErrorKind {
    /// What happened and what to do, for `Display`.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Config => "the options of the call are not valid",
            Self::InvalidRequest => "the request is not valid",
            Self::Connect => "no connection could be made; check the network, the firewall and the proxy",
            Self::Tls => "the server's certificate or TLS is not acceptable; check the clock and the certificate store",
            Self::Timeout => "the time allowed is over; call again, or allow more",
            Self::Io => "the connection broke; call again",
            Self::TooLarge => "the response is too large; see whether a proxy answers in Cashfree's place",
            Self::Redirect => "the server redirects, which is not followed; check the base URL",
            Self::Api => "Cashfree answered with an error",
            Self::RateLimited => "too many requests; wait before the next call",
            Self::Decode => "the response is not what the spec describes; look at raw_body() and report it",
            Self::Mismatch => {
                "the response is about something else than was asked for; see what stands between you and Cashfree"
            }
        }
    }
}
