//! A request that is ready to be sent, and the limits that it is sent within.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::transport::{Error, Limits, Operation, Priority, Request, RequestError, Response, RetryPolicy, Transport};

pub(super) struct Prepared<T> {
    transport: Transport,
    pub(super) operation: &'static Operation,
    request: Result<Request<T>, RequestError>,
    pub(super) limits: Limits,
}

impl<T> Prepared<T> {
    /// A request within the limits of its client.
    pub(super) fn new(
        transport: &Transport,
        operation: &'static Operation,
        request: Result<Request<T>, RequestError>,
    ) -> Self {
        Self { transport: transport.clone(), operation, request, limits: transport.limits().clone() }
    }

    /// Whether a value is about something else than this request.
    pub(super) fn mismatch(&self, value: &T) -> bool {
        self.request.as_ref().is_ok_and(|request| request.is_contradicted_by(value))
    }
}

impl<T: DeserializeOwned> Prepared<T> {
    pub(super) async fn send(&self, priority: Priority) -> Result<Response<T>, Error> {
        self.send_within(&self.limits, priority).await
    }

    /// Sends the request as a part of a longer call.
    pub(super) async fn send_until(
        &self,
        deadline: Instant,
        attempt: Duration,
        max_attempts: u32,
    ) -> Result<Response<T>, Error> {
        let mut limits = self.limits.until(deadline, attempt);
        limits.retry = limits.retry.max_attempts(max_attempts.max(1));
        self.send_within(&limits, Priority::Foreground).await
    }

    /// Sends the request once, as one question of a longer call.
    pub(super) async fn ask_until(
        &self,
        deadline: Instant,
        attempt: Duration,
        priority: Priority,
    ) -> Result<Response<T>, Error> {
        let mut limits = self.limits.until(deadline, attempt);
        limits.retry = RetryPolicy::none();
        self.send_within(&limits, priority).await
    }

    async fn send_within(&self, limits: &Limits, priority: Priority) -> Result<Response<T>, Error> {
        let request = self.request.as_ref().map_err(|error| error.in_call_of(self.operation))?;
        self.transport.send(self.operation, request, limits, priority).await
    }
}
