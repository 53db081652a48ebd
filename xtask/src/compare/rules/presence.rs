//! What came, went, moved or was renamed; values of an enum.

use super::super::difference::{BESIDE, Difference, What};
use super::super::place::Kind;
use super::{NOT_UNDERSTOOD, RESPONSE_FIELD_REMOVED, Verdict, addition, breaking, compatible, risky, says};

const NOTHING: &str = "nothing, unless users need it";

/// The rule for what came, went, moved or was renamed.
pub(super) fn verdict(what: &What, kind: Kind, difference: &Difference) -> Verdict {
    let required = says(difference, "required");
    match (kind, what) {
        (Kind::NotUnderstood | Kind::Operation, _) => NOT_UNDERSTOOD,
        (Kind::Server, What::Added) => compatible("server-added", "add it under `servers` if users may choose it"),
        (Kind::Server, What::Renamed) => breaking("server-changed", "change the URL under `servers`"),
        (Kind::Server, _) => breaking("server-removed", "remove the URL under `servers`, or replace it"),
        (Kind::Auth, What::Added) if says(difference, "optional") => compatible("auth-added-optional", NOTHING),
        (Kind::Auth, What::Added) => breaking("auth-added", "add the scheme, and send it in src/transport"),
        (Kind::Auth, What::Removed) => risky("auth-removed", "ask Cashfree before you stop sending it"),
        (Kind::Auth, _) => breaking("auth-renamed", "rename the scheme's header under `securitySchemes`"),
        (Kind::Parameter, What::Added) if required => breaking("parameter-added-required", "add the parameter"),
        (Kind::Parameter, What::Added) => addition("parameter-added-optional", "add the parameter"),
        (Kind::Parameter, What::Removed) => breaking("parameter-removed", "remove the parameter, and its use in src/"),
        (Kind::Parameter, What::Moved) => breaking("parameter-moved", "change the parameter's `in`"),
        (Kind::Parameter, _) => breaking("parameter-renamed", "rename the parameter, and its use in src/"),
        (Kind::RequestBody, What::Added) if says(difference, BESIDE) => compatible("request-media-added", NOTHING),
        (Kind::RequestBody, What::Added) if required => breaking("request-body-added-required", "add the request body"),
        (Kind::RequestBody, What::Added) => addition("request-body-added-optional", "add the request body"),
        (Kind::RequestBody, _) => breaking("request-body-removed", "remove the request body or its media type"),
        (Kind::RequestField, What::Added) if required => breaking("request-field-added-required", "add it, required"),
        (Kind::RequestField, What::Added) => addition("request-field-added-optional", "add the field"),
        (Kind::RequestField, What::Removed) => breaking("request-field-removed", "remove the field"),
        (Kind::RequestField, _) => breaking("request-field-renamed", "rename the field"),
        (Kind::Response { success: true }, What::Added) => risky("success-added", "see what it holds"),
        (Kind::Response { success: true }, _) => breaking("success-removed", "change the status of the success"),
        (Kind::Response { .. }, What::Added) => addition("error-added", "add it, with its errors as examples"),
        (Kind::Response { .. }, _) => compatible("error-removed", "remove the response if nobody sees it any more"),
        (Kind::ResponseBody { .. }, What::Added) => compatible("response-media-added", "describe it, if it is of use"),
        (Kind::ResponseBody { success: false }, _) => risky("error-media-removed", "see what errors look like now"),
        (Kind::ResponseBody { .. }, _) => breaking("response-media-removed", "change the media type of the response"),
        (Kind::ResponseField, What::Added) => {
            addition("response-field-added", "add the property; until then it is kept in `extra`")
        }
        (Kind::ResponseField, What::Removed) => breaking(RESPONSE_FIELD_REMOVED, "keep it until the next major"),
        (Kind::ResponseField, _) => breaking("response-field-renamed", "rename the property"),
        (Kind::ResponseHeader, What::Added) => addition("response-header-added", "add the header if src/ reads it"),
        (Kind::Callback, What::Added) => addition("callback-added", "describe it, if users are to receive it"),
        (Kind::Callback, _) => breaking("callback-removed", "remove what is described of it"),
        (Kind::Call, What::Added) => compatible("call-behaviour-added", "nothing"),
        (Kind::Call, _) => risky("call-behaviour-changed", "say it in the changelog"),
        (Kind::KnownError, What::Added) => compatible("known-error-added", "nothing"),
        (Kind::KnownError, _) => compatible("known-error-removed", "see that its advice is not missed"),
        (Kind::State, What::Added) => addition("state-added", "add the value to its enum, and a row"),
        (Kind::State, What::Moved) => risky("state-moved", "change the row's status"),
        (Kind::State, _) => risky("state-removed", "it may still come; mark the row's evidence `reported`"),
        (Kind::ResponseHeader, _) => risky("response-header-removed", "remove the header, and its use in src/"),
    }
}

/// The rule for a value of an enum that came or went.
pub(super) fn of_value(what: &What, kind: Kind) -> Verdict {
    match (kind.is_request(), what) {
        _ if kind == Kind::NotUnderstood => NOT_UNDERSTOOD,
        (true, What::ValueAdded) => addition("request-value-added", "add the value to the enum, with a sentence"),
        (true, _) => breaking("request-value-removed", "remove the value from the enum"),
        (false, What::ValueAdded) => addition("response-value-added", "add it to the enum; a status needs a row"),
        (false, _) => risky("response-value-removed", "keep the value until the next major version"),
    }
}
