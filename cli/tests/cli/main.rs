//! The command line from the outside: the real binary, against the library's sandbox, in a pipe and in a terminal.
//!
//! | module | promise |
//! |---|---|
//! | `recorded/` | the exact output, for every row of the table of exit codes, and the session in docs/cli.md |
//! | `bad_input` | invalid input and failed writes cause no panic, no wrong result and no loss |
//! | `sweep` | a sweep is resumed, and the name of its file shows whether it is complete |
//! | `terminal` | a pseudo-terminal: tables, live lines, Ctrl-C |
//! | `thin` | knowledge of the API is in the spec and the library, and is not repeated in `cli/` |
//! | `webhooks` | events are signed, verified, received and forwarded |
//! | `outside` | text of a server cannot control or flood a terminal |
//! | `customers` | personal data is read from the standard input, and errors do not show it |
//! | `fields` | every field of the spec is in the output |
//! | `evidence` | a recording is complete and has a receipt; a folder has the evidence of a verification |
//! | `files` | no file is damaged by two runs at a time, a kill, other users, links or other accounts |
//! | `limits` | every input is bounded: lines, files, bodies, senders, time |
//! | `report` | a report of `doctor` shows every difference from the spec, and contains no value |
//! | `usage` | help, examples, docs/cli.md and usage errors are complete |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod bad_input;
mod customers;
mod evidence;
mod fields;
#[cfg(unix)]
mod files;
#[cfg(target_os = "linux")]
mod limits;
mod outside;
mod recorded;
mod report;
mod support;
mod sweep;
#[cfg(unix)]
mod terminal;
mod thin;
mod usage;
mod webhooks;
