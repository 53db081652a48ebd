//! The command line as its users meet it: the real binary, against the library's sandbox, in a pipe and in a terminal.
//!
//! | module | what it holds the command line to |
//! |---|---|
//! | `recorded/` | what is said, to the letter, and the exit code, for every row of the table of exit codes; and the session in docs/cli.md |
//! | `bad_input` | no input and no disk makes it panic, lie or lose something |
//! | `sweep` | a sweep goes on where it was, and its file is whole or says that it is not |
//! | `terminal` | a pseudo-terminal: tables, live lines, Ctrl-C |
//! | `thin` | what the API is stands in the spec and the library, and not in `cli/` a second time |
//! | `webhooks` | signed here, verified there, and forwarded |
//! | `outside` | what a server says acts upon no terminal and fills none |
//! | `customers` | what is theirs comes from the standard input, and is told by names alone |
//! | `fields` | every field of the spec is in the output |
//! | `evidence` | a recording is whole and has a receipt; a folder has the evidence of a verification |
//! | `files` | two runs, a kill, damage, other users, links and other accounts cost no file its content |
//! | `limits` | every input is bounded: lines, files, bodies, senders, time |
//! | `report` | a report of `doctor` names every difference from the spec, and holds no value |
//! | `usage` | help, examples, docs/cli.md and errors of usage are complete |

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
