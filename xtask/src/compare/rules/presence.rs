//! What came, went, moved or was renamed; values of an enum.

use super::super::difference::{BESIDE, Difference, What};
use super::super::place::Kind;
use super::Class::{Breaking, Compatible, Risky};
use super::Step::{Major, Minor, Patch};
use super::{NOT_UNDERSTOOD, RESPONSE_FIELD_REMOVED, Verdict, says};

/// The rule for what came, went, moved or was renamed.
pub(super) fn verdict(what: &What, kind: Kind, difference: &Difference) -> Verdict {
    let required = says(difference, "required");
    match (kind, what) {
        (Kind::NotUnderstood | Kind::Operation, _) => NOT_UNDERSTOOD,
        (Kind::Server, What::Added) => {
            ("server-added", Compatible, Patch, "add it under `servers` if users may choose it")
        }
        (Kind::Server, What::Renamed) => ("server-changed", Breaking, Major, "change the URL under `servers`"),
        (Kind::Server, _) => {
            ("server-removed", Breaking, Major, "remove the URL under `servers`, or write the one that took its place")
        }
        (Kind::Auth, What::Added) if says(difference, "optional") => {
            ("auth-added-optional", Compatible, Patch, "nothing, unless users should be able to prove themselves so")
        }
        (Kind::Auth, What::Added) => {
            ("auth-added", Breaking, Major, "add the scheme under `securitySchemes`, and send it in src/transport")
        }
        (Kind::Auth, What::Removed) => ("auth-removed", Risky, Minor, "ask Cashfree before you stop sending it"),
        (Kind::Auth, _) => ("auth-renamed", Breaking, Major, "rename the scheme's header under `securitySchemes`"),
        (Kind::Parameter, What::Added) if required => {
            ("parameter-added-required", Breaking, Major, "add the parameter; a header is sent by src/transport")
        }
        (Kind::Parameter, What::Added) => ("parameter-added-optional", Compatible, Minor, "add the parameter"),
        (Kind::Parameter, What::Removed) => {
            ("parameter-removed", Breaking, Major, "remove the parameter, and its use in src/")
        }
        (Kind::Parameter, What::Moved) => ("parameter-moved", Breaking, Major, "change the parameter's `in`"),
        (Kind::Parameter, _) => ("parameter-renamed", Breaking, Major, "rename the parameter, and its use in src/"),
        (Kind::RequestBody, What::Added) if says(difference, BESIDE) => {
            ("request-media-added", Compatible, Patch, "nothing, unless users should be able to send that form too")
        }
        (Kind::RequestBody, What::Added) if required => {
            ("request-body-added-required", Breaking, Major, "add the request body")
        }
        (Kind::RequestBody, What::Added) => ("request-body-added-optional", Compatible, Minor, "add the request body"),
        (Kind::RequestBody, _) => {
            ("request-body-removed", Breaking, Major, "remove the request body or its media type")
        }
        (Kind::RequestField, What::Added) if required => {
            ("request-field-added-required", Breaking, Major, "add the field, required")
        }
        (Kind::RequestField, What::Added) => ("request-field-added-optional", Compatible, Minor, "add the field"),
        (Kind::RequestField, What::Removed) => ("request-field-removed", Breaking, Major, "remove the field"),
        (Kind::RequestField, _) => ("request-field-renamed", Breaking, Major, "rename the field"),
        (Kind::Response { success: true }, What::Added) => {
            ("success-added", Risky, Minor, "see whether it has a body of its own; the client takes one success")
        }
        (Kind::Response { success: true }, _) => {
            ("success-removed", Breaking, Major, "change the status of the success")
        }
        (Kind::Response { .. }, What::Added) => {
            ("error-added", Compatible, Minor, "add the response, with its documented errors as examples")
        }
        (Kind::Response { .. }, _) => {
            ("error-removed", Compatible, Patch, "remove the response if nobody sees it any more")
        }
        (Kind::ResponseBody { .. }, What::Added) => {
            ("response-media-added", Compatible, Patch, "describe it, or say in deviations.yaml that JSON is enough")
        }
        (Kind::ResponseBody { success: false }, _) => {
            ("error-media-removed", Risky, Minor, "see what errors look like now; what is not JSON has no `Error::api`")
        }
        (Kind::ResponseBody { .. }, _) => {
            ("response-media-removed", Breaking, Major, "change the media type of the response")
        }
        (Kind::ResponseField, What::Added) => {
            ("response-field-added", Compatible, Minor, "add the property; until then it is kept in `extra`")
        }
        (Kind::ResponseField, What::Removed) => {
            (RESPONSE_FIELD_REMOVED, Breaking, Major, "keep the field until the next major version, then remove it")
        }
        (Kind::ResponseField, _) => ("response-field-renamed", Breaking, Major, "rename the property"),
        (Kind::ResponseHeader, What::Added) => {
            ("response-header-added", Compatible, Minor, "add the header if the wrapper should read it")
        }
        (Kind::Callback, What::Added) => {
            ("callback-added", Compatible, Minor, "describe what is sent, if users are to receive it")
        }
        (Kind::Callback, _) => ("callback-removed", Breaking, Major, "remove what is described of it"),
        (Kind::Call, What::Added) => ("call-behaviour-added", Compatible, Patch, "nothing"),
        (Kind::Call, _) => ("call-behaviour-changed", Risky, Minor, "say it in the changelog"),
        (Kind::KnownError, What::Added) => ("known-error-added", Compatible, Patch, "nothing"),
        (Kind::KnownError, _) => ("known-error-removed", Compatible, Patch, "see that its advice is not missed"),
        (Kind::State, What::Added) => ("state-added", Compatible, Minor, "add the value to its enum, and a row"),
        (Kind::State, What::Moved) => ("state-moved", Risky, Minor, "change the row's status"),
        (Kind::State, _) => ("state-removed", Risky, Minor, "it may still come; mark the row's evidence `reported`"),
        (Kind::ResponseHeader, _) => {
            ("response-header-removed", Risky, Minor, "remove the header, and its use in src/")
        }
    }
}

/// The rule for a value of an enum that came or went.
pub(super) fn of_value(what: &What, kind: Kind) -> Verdict {
    match (kind.is_request(), what) {
        _ if kind == Kind::NotUnderstood => NOT_UNDERSTOOD,
        (true, What::ValueAdded) => {
            ("request-value-added", Compatible, Minor, "add the value to the enum, with a sentence")
        }
        (true, _) => ("request-value-removed", Breaking, Major, "remove the value from the enum"),
        (false, What::ValueAdded) => (
            "response-value-added",
            Compatible,
            Minor,
            "add the value to the enum with a sentence, and a row to x-lifecycle if it is a status",
        ),
        (false, _) => (
            "response-value-removed",
            Risky,
            Minor,
            "keep the value until the next major version; matches on it stay dead meanwhile",
        ),
    }
}
