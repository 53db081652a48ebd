//! Every command and option; `commands/` implements them. Those about customers are in `user`.

mod user;

use std::path::PathBuf;
use std::time::Duration;

use cashfree_vkyc::reqwest::Url;
use cashfree_vkyc::sandbox::Journey;
use cashfree_vkyc::{Outcome, OutcomeRules, RateLimit, ReferenceId, UserId, VerificationId, VerificationRef};
use clap::builder::PossibleValuesParser;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use jiff::{Span, SpanRelativeTo};

use crate::failure::Failure;
pub(crate) use user::{Details, STDIN, User, WhichUser};

const STANDARD: u32 = RateLimit::STANDARD_PER_MINUTE;

/// Cashfree's Video KYC (VKYC) from a terminal
///
/// Credentials come from CASHFREE_CLIENT_ID and CASHFREE_CLIENT_SECRET, or from --credentials-file, and never from an argument.
/// The second factor, if the account has one, comes from CASHFREE_PUBLIC_KEY or CASHFREE_PUBLIC_KEY_PATH. Without an account, use
/// `cashfree-vkyc sandbox`.
#[derive(Debug, Parser)]
#[command(name = "cashfree-vkyc", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// sandbox, production or a URL; default: CASHFREE_ENVIRONMENT, then sandbox
    #[arg(long, global = true, value_name = "NAME|URL")]
    pub(crate) env: Option<String>,
    /// NAME=value lines with credentials, in a regular file of at most 64 KiB that only you can read
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) credentials_file: Option<PathBuf>,
    /// Print JSON, also for errors
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours; NO_COLOR turns them off
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
    /// How long a call may take, as in 500ms, 5s or 2m
    #[arg(long, global = true, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Show links, ids of customers, remarks, and Cashfree's messages of errors
    #[arg(long, global = true)]
    pub(crate) show_sensitive: bool,
    /// Log to stderr (-vv: also connections)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the state of a verification
    #[command(after_help = "Example: cashfree-vkyc status vkyc_42 --passed COMPLETED")]
    Status(Status),
    /// Wait until a verification ends, and print each change
    #[command(after_help = "Example: cashfree-vkyc watch vkyc_42 --max-wait 2h --json")]
    Watch(Watch),
    /// Write the states of many verifications to a file; a later run can resume it
    ///
    /// Rows are in the order of the responses, not of the input: the column `line` has the line number in the input. A line of the
    /// input has at most 64 KiB, and the input at most 64 MiB.
    #[command(after_help = "Example: cashfree-vkyc sweep ids.csv --column id -o states.csv")]
    Sweep(Sweep),
    /// Explain a status, an error code or an event; works offline
    #[command(after_help = "Example: cashfree-vkyc explain PRE_VIDEO_CALL/USER_QUEUED")]
    Explain {
        /// STATUS, STATUS/SUB_STATUS, SUB_STATUS, an error code or an event; default: all of them
        word: Option<String>,
    },
    /// Create, show or change a customer
    #[command(subcommand)]
    User(User),
    /// Start a verification, which costs money, and show its link
    #[command(after_help = "Example: cashfree-vkyc start vkyc_42 --user u-1 --notify sms")]
    Start(Start),
    /// Create a token for the web and mobile SDKs, and print it
    #[command(
        after_help = "Example: cashfree-vkyc token --app-id app_1 --reference-id 1358 --identifier-value - < user-id.txt"
    )]
    Token(Token),
    /// Verify, sign or receive webhooks
    #[command(subcommand)]
    Webhook(Webhook),
    /// Download the recording of a call, and write a receipt
    #[command(after_help = "Example: cashfree-vkyc recording vkyc_42 -o vkyc_42.mp4")]
    Recording(Recording),
    /// Serve an offline simulation of Cashfree's API until Ctrl-C
    ///
    /// It prints variables for a shell: those that the other commands read, and CASHFREE_SANDBOX_PID, the process to kill. In a terminal,
    /// or with -v, it then prints a line for each request. Programs in any language can control it over HTTP: see docs/testing.md.
    #[command(
        after_help = "Example: cashfree-vkyc sandbox --journey link_expired --webhooks-to http://127.0.0.1:3000/webhooks"
    )]
    Sandbox(Sandbox),
    /// Check keys, clock, network and account
    ///
    /// With --report it also records which fields, JSON types, headers, codes and states the server sends, for the maintainers of this
    /// program. A report has no other value: no id, link or key. Without --allow-charges, nothing is created.
    #[command(after_help = "Example: cashfree-vkyc doctor --env production --report report.json vkyc_42")]
    Doctor(Doctor),
}

/// Identifies a verification.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// Your id of the verification
    #[arg(value_name = "ID")]
    id: Option<VerificationId>,
    /// Cashfree's number of the verification
    #[arg(long, value_name = "N")]
    reference_id: Option<ReferenceId>,
}

impl Which {
    /// # Errors
    /// When there is no id, which clap rejects before.
    pub(crate) fn reference(&self) -> Result<VerificationRef, Failure> {
        let id = self.id.clone().map(VerificationRef::from);
        id.or(self.reference_id.map(VerificationRef::from)).ok_or_else(|| Failure::usage("name a verification"))
    }
}

/// The meaning of the account's final states.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// A final state in which the customer has passed; by default no state is known to be a pass (may be repeated)
    #[arg(long, value_name = "STATUS[/SUB_STATUS]")]
    passed: Vec<String>,
}

impl Rules {
    pub(crate) fn rules(&self) -> OutcomeRules {
        self.passed.iter().fold(OutcomeRules::default(), |rules, state| {
            let (status, sub_status) = state.split_once('/').unwrap_or((state, ""));
            rules.rule(status.trim(), sub_status.trim(), Outcome::Passed)
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[derive(Debug, Args)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) which: Which,
    /// How long to wait in total
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "1d")]
    pub(crate) max_wait: Duration,
    /// closed: end when the status is the last one; final: the sub-status must also be known
    #[arg(long, value_name = "WHAT", default_value = "closed")]
    pub(crate) until: Until,
    /// Time between two calls; default: depends on the phase
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) interval: Option<Duration>,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Until {
    Final,
    Closed,
}

#[derive(Debug, Args)]
pub(crate) struct Sweep {
    /// One verification id per line, or CSV with --column; - is the standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,
    /// The output: CSV, or a JSON object per line with --json or a name in .jsonl. It is called OUT.part until it is complete; a run of
    /// the same account and day resumes it. A CSV cell that starts with =, +, -, @, tab or CR gets a ' in front, so that no
    /// spreadsheet evaluates it
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// The input is CSV: the name of the column with the ids, or its number from 1
    #[arg(long, value_name = "NAME|N")]
    pub(crate) column: Option<String>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    #[arg(help = format!("Calls per minute; default: {STANDARD}, or no limit for a server on this machine"))]
    pub(crate) per_minute: Option<u32>,
    /// Start over, and replace OUT and OUT.part
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Your id of the verification; it must be new
    #[arg(value_name = "ID")]
    pub(crate) id: VerificationId,
    #[command(flatten)]
    pub(crate) user: WhichUser,
    /// How Cashfree sends the link: sms, whatsapp (may be repeated)
    #[arg(long, value_name = "HOW")]
    pub(crate) notify: Vec<String>,
    /// The template of the customer's page, as agreed with Cashfree
    #[arg(long, value_name = "NAME")]
    pub(crate) user_template: Option<String>,
    /// The template of the agent's page, as agreed with Cashfree
    #[arg(long, value_name = "NAME")]
    pub(crate) agent_template: Option<String>,
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Token {
    /// The app id from your account manager
    #[arg(long, value_name = "ID")]
    pub(crate) app_id: String,
    /// Cashfree's number of the verification
    #[arg(long, value_name = "N")]
    pub(crate) reference_id: ReferenceId,
    /// The kind of the identifier, as in userId or mobile
    #[arg(long, value_name = "TYPE", default_value = "userId")]
    pub(crate) identifier_type: String,
    /// The identifier of the customer; - reads it from the standard input, which no other user of the machine can see
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) identifier_value: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Webhook {
    /// Verify a webhook: its body on the standard input, its headers as -H
    ///
    /// The body has at most 256 KiB, and a file of headers 64 KiB.
    #[command(after_help = "Example: cashfree-vkyc webhook verify -H @headers.txt < event.json")]
    Verify {
        /// NAME: VALUE, or @FILE with one per line (may be repeated)
        #[arg(short = 'H', long = "header", value_name = "HEADER", required = true)]
        headers: Vec<String>,
        /// Accept any age
        #[arg(long)]
        any_age: bool,
    },
    /// Sign the body on the standard input as Cashfree does, and print the headers
    ///
    /// The body has at most 1 MiB. Receivers take 256 KiB.
    #[command(after_help = "Example: cashfree-vkyc webhook sign < event.json > headers.txt")]
    Sign {
        /// Also sign a body that is not a JSON object; receivers refuse it
        #[arg(long)]
        force: bool,
    },
    /// Receive webhooks until Ctrl-C, and print verified ones; repeated ones are marked
    ///
    /// It listens on this machine only. It accepts 256 connections at the same time, and heads of 64 KiB within 5 seconds. It reads 64
    /// bodies at the same time, each of at most 256 KiB within 10 seconds. If the output is blocked for 5 seconds, the response is 503.
    #[command(
        after_help = "Example: cashfree-vkyc webhook listen --port 4242 --forward http://127.0.0.1:3000/webhooks"
    )]
    Listen {
        /// The port on this machine; 0 is a free one
        #[arg(long, value_name = "N", default_value_t = 0)]
        port: u16,
        /// Forward verified webhooks to this URL, and respond with its status, or with 504 after --timeout (default: 10s)
        #[arg(long, value_name = "URL")]
        forward: Option<Url>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Recording {
    #[command(flatten)]
    pub(crate) which: Which,
    /// The output. It is called FILE.part until it is complete, and the next run resumes it. A folder (an existing one, or a name that
    /// ends with /) gets recording.mp4, its receipt, the status as received (status.json), and SHA256SUMS for `sha256sum -c`
    #[arg(short, long, value_name = "FILE|DIR/")]
    pub(crate) output: PathBuf,
    /// Replace FILE, or the files in DIR
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// The port on this machine; 0 is a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// The sequence of states of a verification
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Journey::ready_made().into_iter().map(|(name, _)| name)))]
    pub(crate) journey: Option<String>,
    /// Time between two steps of the journey
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) every: Option<Duration>,
    /// The URL that receives webhooks
    #[arg(long, value_name = "URL")]
    pub(crate) webhooks_to: Option<String>,
    /// The number of verifications at the start, in all states: sandbox_1, sandbox_2, …
    // More would make each look-up slow.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=20_000))]
    pub(crate) fill: u32,
    /// Requests per minute that each operation accepts
    #[arg(long, value_name = "N")]
    pub(crate) per_minute: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Write a report to FILE: the names and types in responses, without values
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Existing verifications for the report; choose different states
    #[arg(value_name = "ID", requires = "report")]
    pub(crate) verifications: Vec<VerificationId>,
    /// An existing customer for the report
    #[arg(long, value_name = "ID", requires = "report")]
    pub(crate) user: Option<UserId>,
    /// For the report, also create and change a customer, and start a verification twice with the same id: both may be charged
    #[arg(long, requires_all = ["report", "phone"])]
    pub(crate) allow_charges: bool,
    /// The phone of the customer to create, which may get messages; - reads it from the standard input
    #[arg(long, value_name = "PHONE", requires = "allow_charges", allow_hyphen_values = true)]
    pub(crate) phone: Option<String>,
    /// Also create a token, with the app id from your account manager
    #[arg(long, value_name = "ID", requires = "allow_charges")]
    pub(crate) app_id: Option<String>,
    /// Replace FILE
    #[arg(long, requires = "report")]
    pub(crate) force: bool,
}

/// A century or more is a typo, and may overflow an instant.
const TOO_LONG: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Reads a duration: `500ms`, `5s`, `2m`, `1h30m`, `3d`; a bare number is seconds.
///
/// # Errors
/// When it is not a duration, or is zero, or a century or more.
fn duration(text: &str) -> Result<Duration, String> {
    let unit = if text.ends_with(|last: char| last.is_ascii_digit()) { "s" } else { "" };
    let span = format!("{text}{unit}").parse::<Span>();
    let time = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    let time =
        time.and_then(Duration::try_from).map_err(|_| "write a number and a unit, as in 500ms, 5s, 2m, 1h or 3d")?;
    if time.is_zero() || time >= TOO_LONG {
        return Err("it must be more than zero and less than a century".to_owned());
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, millis) in
            [("500ms", 500), ("5", 5000), ("5s", 5000), ("2m", 120_000), ("1h", 3_600_000), ("1d", 86_400_000)]
        {
            assert_eq!(duration(text).unwrap().as_millis(), millis, "{text}");
        }
        for text in ["", "s", "-1s", "0", "0ms", "5y", "99999999999999999999s", "40000d", "五s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
