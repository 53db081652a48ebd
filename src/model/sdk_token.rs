//! The methods of a token.

use super::generated::SdkToken;
use crate::wire::Timestamp;

impl SdkToken {
    /// Returns the expiry time of the token, from whichever of the two documented fields is present.
    #[must_use]
    pub fn lapses(&self) -> Option<&Timestamp> {
        self.expiry.as_ref().or(self.expires_at.as_ref())
    }
}
