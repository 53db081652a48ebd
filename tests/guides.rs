//! The guides in `docs/` with code, compiled as doctests against the current library.

#![doc = include_str!("../docs/webhooks.md")]
