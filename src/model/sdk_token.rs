//! The methods of a token.

use super::generated::SdkToken;
use crate::wire::Timestamp;

impl SdkToken {
    /// When the token expires, under whichever of its two names the response has.
    #[must_use]
    pub fn lapses(&self) -> Option<&Timestamp> {
        self.expiry.as_ref().or(self.expires_at.as_ref())
    }
}
