//! What the server knows.

use std::sync::Mutex;

use http::HeaderValue;

use crate::model::VideoKyc;

pub(super) struct State {
    pub(super) credentials: [HeaderValue; 2],
    pub(super) verifications: Mutex<Vec<VideoKyc>>,
}
