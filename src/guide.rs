//! Guides, the same texts as in `docs/`. Their code is tested. They exist only in the documentation.
//!
//! | guide | for |
//! |---|---|
//! | [`start`] | build a service in an hour |
//! | [`webhooks`] | receive events in axum, actix-web or hyper |
//! | [`waiting`] | wait for the end of a verification |
//! | [`recordings`] | keep a recording and its receipt |
//! | [`errors`] | branch on errors, and map them to HTTP statuses |
//! | [`testing`] | test your service offline |
//! | [`production`] | run on several machines, with an inbox and reconciliation |
//! | [`updating`] | follow changes of Cashfree's API |

pub mod errors {
    #![doc = include_str!("../docs/errors.md")]
}

pub mod production {
    #![doc = include_str!("../docs/production.md")]
}

pub mod recordings {
    #![doc = include_str!("../docs/recordings.md")]
}

pub mod start {
    #![doc = include_str!("../docs/start.md")]
}

pub mod testing {
    #![doc = include_str!("../docs/testing.md")]
}

pub mod updating {
    #![doc = include_str!("../docs/updating.md")]
}

pub mod waiting {
    #![doc = include_str!("../docs/waiting.md")]
}

// Its code needs web frameworks, so the package of the tests compiles it.
#[cfg(not(doctest))]
pub mod webhooks {
    #![doc = include_str!("../docs/webhooks.md")]
}
