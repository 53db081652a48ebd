//! A server that responds as Cashfree documents and is controlled by a test (feature `sandbox`).
//!
//! It listens on its own loopback port. Types, limits, header names, errors and events come from the spec; the messages are our own.
//! A test begins a verification and takes the steps of its [`Journey`]; each step sends its webhook. A test can inject faults, serve
//! recordings, control the clock, and inspect requests and webhooks. [The guide](crate::guide::testing) shows how to test a service.
//!
//! ```text
//!         begin, advance, inject, advance_clock                requests, webhooks, assert_…
//! your test ────────────────────────────▶  Sandbox  ──────────────────────────────────────▶ your test
//!                                          ▲     │
//!                    GET, POST: your client│     │webhooks: your endpoint
//!                                          └─────┴── your service
//! ```
//!
//! Inside, each module calls only later ones. The state is pure, and events are delivered after its lock is released:
//!
//! ```text
//! server ─▶ exchange: record, faults ─▶ merchant, rate_limit, parsed_request: checks ─▶ State::apply ─▶ response
//!                                                    handle, core: State::step ─▶────────┴─▶ event ─▶ delivery ─▶ record
//!              └─▶ control: the functions of `Sandbox` over HTTP, below `/_sandbox/`
//! ```
//!
//! ```
//! use cashfree_vkyc::{Status, VerificationId, sandbox::{Journey, Sandbox}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//! let vkyc = sandbox.begin("vkyc_42", Journey::completed())?;
//! let client = sandbox.client()?;
//! assert_eq!(client.status(VerificationId::new("vkyc_42")?).await?.status, Status::Received);
//!
//! vkyc.finish().await?;
//! assert_eq!(client.status(VerificationId::new("vkyc_42")?).await?.status, Status::Completed);
//! sandbox.assert_no_problems();
//! # Ok(())
//! # }
//! ```

mod assertions;
mod builder;
mod clock;
mod control;
mod core;
mod delivery;
mod error;
mod exchange;
mod fault;
mod handle;
mod journey;
mod lock;
mod merchant;
mod operation_id;
mod operations;
mod parsed_request;
mod rate_limit;
mod record;
mod recording;
mod response;
mod server;
mod state;
mod steps;
mod tasks;
mod verifications;
mod webhook_fault;

pub use builder::SandboxBuilder;
pub use error::SandboxError;
pub use fault::Fault;
pub use handle::{Sandbox, Verification};
pub use journey::Journey;
pub use record::{RecordedRequest, RecordedWebhook};
pub use steps::Step;
pub use webhook_fault::WebhookFault;
