//! The guides in `docs/` that show code, compiled as doctests: what they show works with the library as it is.

#![doc = include_str!("../docs/webhooks.md")]
