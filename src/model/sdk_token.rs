//! What can be asked of a token beyond its fields.

use super::generated::SdkToken;
use crate::wire::Timestamp;

impl SdkToken {
    /// When the token lapses, under whichever of its two names that came.
    #[must_use]
    pub fn lapses(&self) -> Option<&Timestamp> {
        self.expiry.as_ref().or(self.expires_at.as_ref())
    }
}
