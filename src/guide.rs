//! How to do things with this library, at length. For people who read docs: nothing of it is compiled into a program, and its code is
//! run as tests. The texts also stand in `docs/`.
//!
//! | guide | for |
//! |---|---|
//! | [`start`] | the first hour: from nothing to a verification that runs to its end |
//! | [`webhooks`] | an endpoint in your framework, and events that come twice |
//! | [`waiting`] | until when, and how |
//! | [`recordings`] | keep a recording and its receipt |
//! | [`errors`] | what to branch on, and what is tried again |
//! | [`testing`] | your own tests, offline: journeys, faults, the clock |
//! | [`production`] | several machines, an inbox, reconciliation, logs and how long to keep what |
//! | [`updating`] | when Cashfree changes something: what a service sees, and how it becomes a release |

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

// Its code needs web frameworks that are no business of this crate; the package of the tests compiles it.
#[cfg(not(doctest))]
pub mod webhooks {
    #![doc = include_str!("../docs/webhooks.md")]
}
