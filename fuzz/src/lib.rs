//! What must hold for any bytes whatsoever; a panic is a bug. The fuzz targets call these, and `cargo test` does, under proptest.
//!
//! | file | what it is about | called by |
//! |---|---|---|
//! | `webhooks.rs` | headers and bodies of webhooks | `tests/it/webhook_properties.rs` |
//! | `reading.rs` | specs, and pages of Cashfree's | `xtask/tests/reading_properties.rs` |
//! | `harmless.rs` | what is printed of them | the same, and the tests of xtask's reporters |

pub mod harmless;
pub mod reading;
pub mod webhooks;
