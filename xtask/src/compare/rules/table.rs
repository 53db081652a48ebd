//! The table of rules: the name, the class, the semver bump, and the edit of our spec.
//!
//! The names are symmetric, which `tests.rs` checks: `added` has `removed`, and `request-` has `response-`.

use std::fmt;

/// The severity of a difference for users of the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Compatible,
    Risky,
    Breaking,
}

/// The semver bump that a change requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bump {
    Patch,
    Minor,
    Major,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
    }
}

/// A rule of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    pub(crate) bump: Bump,
    pub(crate) edit: &'static str,
}

/// Calls fail, or code no longer compiles.
const fn breaking(name: &'static str, edit: &'static str) -> Rule {
    Rule { name, class: Class::Breaking, bump: Bump::Major, edit }
}

/// Behaviour that users rely on may differ.
const fn risky(name: &'static str, edit: &'static str) -> Rule {
    Rule { name, class: Class::Risky, bump: Bump::Minor, edit }
}

/// There is something to add; nothing that worked stops working.
const fn addition(name: &'static str, edit: &'static str) -> Rule {
    Rule { name, class: Class::Compatible, bump: Bump::Minor, edit }
}

const fn compatible(name: &'static str, edit: &'static str) -> Rule {
    Rule { name, class: Class::Compatible, bump: Bump::Patch, edit }
}

/// Each rule as a constant, and all of them as `RULES`.
macro_rules! rules {
    ($($rule:ident = $class:ident($name:literal, $edit:expr);)*) => {
        $(pub(super) const $rule: Rule = $class($name, $edit);)*

        /// All rules.
        #[cfg(test)]
        pub(super) const RULES: &[Rule] = &[$($rule),*];
    };
}

const NOTHING: &str = "nothing, unless users need it";
const AGREE: &str = "adopt it, so that both agree; the code needs no change";
const OPTIONAL: &str = "remove the field from `required`";
const SEE_ALTERNATIVES: &str = "check which fields must or may now be sent together";
const SEE_TOGETHER: &str = "check which fields may now come together";
const DISCRIMINATOR: &str = "change the discriminator: the other side selects the schema by it";
const SEE_DISCRIMINATOR: &str = "check which field now distinguishes the alternatives";
const CALLS: &str = "mention it in the changelog: it changes retries or pace";
const LIMIT: &str = "change the limit: ours is checked before sending";

rules! {
    // The rule for every other difference.
    NOT_UNDERSTOOD = risky("not-understood", "read the page, then change the spec or record a deviation");

    OPERATION_ADDED = addition("operation-added", "add the operation");
    OPERATION_REMOVED = breaking("operation-removed", "remove the operation, and its wrapper in src/");
    DEPRECATED = risky("deprecated", "mention it in the description, and plan for its end");
    NO_LONGER_DEPRECATED = compatible("no-longer-deprecated", "adopt it, so that both agree");

    SERVER_ADDED = compatible("server-added", "add it under `servers` if users may choose it");
    SERVER_REMOVED = breaking("server-removed", "remove the URL under `servers`, or replace it");
    SERVER_CHANGED = breaking("server-changed", "change the URL under `servers`");
    SERVER_DEFAULT_CHANGED = risky("server-default-changed", "check which server users get by default");
    SERVER_VARIABLE_CHANGED = risky("server-variable-changed", "check its values");

    AUTH_ADDED_OPTIONAL = compatible("auth-added-optional", NOTHING);
    AUTH_ADDED_REQUIRED = breaking("auth-added-required", "add the scheme, and send it in src/transport");
    AUTH_REMOVED = risky("auth-removed", "ask Cashfree before you stop sending it");
    AUTH_RENAMED = breaking("auth-renamed", "rename the scheme's header under `securitySchemes`");
    AUTH_ALTERNATIVES_CHANGED = risky("auth-alternatives-changed", "change `security`");
    AUTH_TYPE_CHANGED = breaking("auth-type-changed", "change the scheme, and how src/transport sends it");
    AUTH_BECAME_OPTIONAL = risky("auth-became-optional", "ask Cashfree before you stop sending it");
    AUTH_BECAME_REQUIRED = breaking("auth-became-required", "require it under `security`, and send it in src/transport");
    AUTH_SCOPE_DEMANDED = breaking("auth-scope-demanded", "ask for a token with that scope");
    AUTH_SCOPE_WAIVED = compatible("auth-scope-waived", "ask for the needed scopes only");
    AUTH_SCOPE_CHANGED = breaking("auth-scope-changed", "ask for a token with the new scope");
    AUTH_SCOPE_ADDED = compatible("auth-scope-added", "nothing, unless an operation asks for it");
    AUTH_SCOPE_REMOVED = risky("auth-scope-removed", "check that nothing asks for it");
    AUTH_FLOW_SCOPES_CHANGED = risky("auth-flow-scopes-changed", "check that nothing asks for a removed scope");
    AUTH_FLOW_ADDED = addition("auth-flow-added", "add the flow if users should be able to use it");
    AUTH_FLOW_REMOVED = breaking("auth-flow-removed", "remove the flow, and its use in src/");
    AUTH_URL_CHANGED = breaking("auth-url-changed", "change the URL of the scheme or flow");

    PARAMETER_ADDED_OPTIONAL = addition("parameter-added-optional", "add the parameter");
    PARAMETER_ADDED_REQUIRED = breaking("parameter-added-required", "add the parameter");
    PARAMETER_REMOVED = breaking("parameter-removed", "remove the parameter, and its use in src/");
    PARAMETER_MOVED = breaking("parameter-moved", "change the parameter's `in`");
    PARAMETER_RENAMED = breaking("parameter-renamed", "rename the parameter, and its use in src/");
    PARAMETER_STYLE_CHANGED = breaking("parameter-style-changed", "change the parameter's `style`, `explode` or media type");

    REQUEST_BODY_ADDED_OPTIONAL = addition("request-body-added-optional", "add the request body");
    REQUEST_BODY_ADDED_REQUIRED = breaking("request-body-added-required", "add the request body");
    REQUEST_BODY_REMOVED = breaking("request-body-removed", "remove the request body or its media type");
    REQUEST_MEDIA_ADDED = compatible("request-media-added", NOTHING);
    REQUEST_MEDIA_REMOVED = breaking("request-media-removed", "remove the media type, and check that src/ sends another");
    REQUEST_FIELD_ADDED_OPTIONAL = addition("request-field-added-optional", "add the field");
    REQUEST_FIELD_ADDED_REQUIRED = breaking("request-field-added-required", "add it, required");
    REQUEST_FIELD_REMOVED = breaking("request-field-removed", "remove the field");
    REQUEST_FIELD_RENAMED = breaking("request-field-renamed", "rename the field");
    REQUEST_VALUE_ADDED = addition("request-value-added", "add the value to the enum, with a sentence");
    REQUEST_VALUE_REMOVED = breaking("request-value-removed", "remove the value from the enum");
    REQUEST_ENUM_INTRODUCED = breaking("request-enum-introduced", "name the values in an open enum");
    REQUEST_ENUM_DROPPED = compatible("request-enum-dropped", "check whether other values are accepted now");
    REQUEST_BECAME_OPTIONAL = compatible("request-became-optional", "set `required: false`");
    REQUEST_BECAME_REQUIRED = breaking("request-became-required", "set `required: true`");
    REQUEST_BECAME_NULLABLE = compatible("request-became-nullable", "set `nullable: true`");
    REQUEST_NO_LONGER_NULLABLE = breaking("request-no-longer-nullable", "remove `nullable`");
    REQUEST_TYPE_WIDENED = addition("request-type-widened", "change the type");
    REQUEST_TYPE_NARROWED = breaking("request-type-narrowed", "change the type");
    REQUEST_TYPE_CHANGED = breaking("request-type-changed", "change the type");
    REQUEST_FORMAT_CHANGED = risky("request-format-changed", "change the format");
    REQUEST_DEFAULT_CHANGED = risky("request-default-changed", "change the default; of x-api-version, the versions too");
    REQUEST_CLOSED = risky("request-closed", "send no other fields");
    REQUEST_OPENED = compatible("request-opened", "adopt it, so that both agree");
    REQUEST_LIMIT_LOOSENED = addition("request-limit-loosened", LIMIT);
    REQUEST_LIMIT_TIGHTENED = breaking("request-limit-tightened", "change the limit");
    REQUEST_PATTERN_CHANGED = risky("request-pattern-changed", "change the pattern");
    REQUEST_DETAIL_CHANGED = risky("request-detail-changed", "change it");
    REQUEST_ENCODING_CHANGED = risky("request-encoding-changed", "change the encoding of the field");
    REQUEST_ALTERNATIVES_INTRODUCED = risky("request-alternatives-introduced", SEE_ALTERNATIVES);
    REQUEST_ALTERNATIVES_INTRODUCED_REQUIRED = breaking("request-alternatives-introduced-required", SEE_ALTERNATIVES);
    REQUEST_ALTERNATIVES_DROPPED = compatible("request-alternatives-dropped", SEE_ALTERNATIVES);
    REQUEST_ALTERNATIVES_CHANGED = risky("request-alternatives-changed", SEE_ALTERNATIVES);
    REQUEST_DISCRIMINATOR_INTRODUCED = risky("request-discriminator-introduced", DISCRIMINATOR);
    REQUEST_DISCRIMINATOR_DROPPED = compatible("request-discriminator-dropped", DISCRIMINATOR);
    REQUEST_DISCRIMINATOR_GREW = addition("request-discriminator-grew", DISCRIMINATOR);
    REQUEST_DISCRIMINATOR_SHRANK = breaking("request-discriminator-shrank", DISCRIMINATOR);
    REQUEST_DISCRIMINATOR_CHANGED = breaking("request-discriminator-changed", DISCRIMINATOR);

    SUCCESS_ADDED = risky("success-added", "check its contents");
    SUCCESS_REMOVED = breaking("success-removed", "change the status of the success");
    ERROR_ADDED = addition("error-added", "add it, with its errors as examples");
    ERROR_REMOVED = compatible("error-removed", "remove the response if it no longer occurs");
    ERROR_MEDIA_ADDED = compatible("error-media-added", "describe it, if it is useful");
    ERROR_MEDIA_REMOVED = risky("error-media-removed", "check the new form of errors");
    RESPONSE_MEDIA_ADDED = compatible("response-media-added", "describe it, if it is useful");
    RESPONSE_MEDIA_REMOVED = breaking("response-media-removed", "change the media type of the response");
    RESPONSE_FIELD_ADDED = addition("response-field-added", "add the property; until then it is kept in `extra`");
    RESPONSE_FIELD_REMOVED = breaking("response-field-removed", "keep it until the next major");
    RESPONSE_FIELD_RENAMED = breaking("response-field-renamed", "rename the property");
    RESPONSE_VALUE_ADDED = addition("response-value-added", "add it to the enum; a status needs a row");
    RESPONSE_VALUE_REMOVED = risky("response-value-removed", "keep the value until the next major version");
    RESPONSE_ENUM_INTRODUCED = addition("response-enum-introduced", "name the values in an open enum");
    RESPONSE_ENUM_DROPPED = risky("response-enum-dropped", "keep the open enum, and record a deviation");
    RESPONSE_BECAME_OPTIONAL = breaking("response-became-optional", OPTIONAL);
    RESPONSE_BECAME_REQUIRED = compatible("response-became-required", "require it if Cashfree promises it");
    RESPONSE_BECAME_NULLABLE = compatible("response-became-nullable", "set `nullable: true`: null is read as absent");
    RESPONSE_REQUIRED_BECAME_NULLABLE = breaking("response-required-became-nullable", OPTIONAL);
    RESPONSE_NO_LONGER_NULLABLE = compatible("response-no-longer-nullable", AGREE);
    RESPONSE_TYPE_NARROWED = compatible("response-type-narrowed", "adopt it if it helps users");
    RESPONSE_TYPE_WIDENED = breaking("response-type-widened", "change the type; check a real response first, because pages are often wrong");
    RESPONSE_TYPE_CHANGED = breaking("response-type-changed", "change the type; check a real response first, because pages are often wrong");
    RESPONSE_FORMAT_CHANGED = risky("response-format-changed", "change the format");
    RESPONSE_DEFAULT_CHANGED = compatible("response-default-changed", AGREE);
    RESPONSE_LIMIT_CHANGED = compatible("response-limit-changed", AGREE);
    RESPONSE_DETAIL_CHANGED = compatible("response-detail-changed", AGREE);
    RESPONSE_ALTERNATIVES_INTRODUCED = risky("response-alternatives-introduced", SEE_TOGETHER);
    RESPONSE_ALTERNATIVES_INTRODUCED_REQUIRED = compatible("response-alternatives-introduced-required", SEE_TOGETHER);
    RESPONSE_ALTERNATIVES_DROPPED = risky("response-alternatives-dropped", SEE_TOGETHER);
    RESPONSE_ALTERNATIVES_CHANGED = risky("response-alternatives-changed", SEE_TOGETHER);
    RESPONSE_DISCRIMINATOR_INTRODUCED = risky("response-discriminator-introduced", SEE_DISCRIMINATOR);
    RESPONSE_DISCRIMINATOR_DROPPED = risky("response-discriminator-dropped", SEE_DISCRIMINATOR);
    RESPONSE_DISCRIMINATOR_GREW = addition("response-discriminator-grew", SEE_DISCRIMINATOR);
    RESPONSE_DISCRIMINATOR_SHRANK = risky("response-discriminator-shrank", SEE_DISCRIMINATOR);
    RESPONSE_DISCRIMINATOR_CHANGED = risky("response-discriminator-changed", SEE_DISCRIMINATOR);
    RESPONSE_HEADER_ADDED = addition("response-header-added", "add the header if src/ reads it");
    RESPONSE_HEADER_REMOVED = risky("response-header-removed", "remove the header, and its use in src/");
    RESPONSE_HEADER_RENAMED = risky("response-header-renamed", "rename the header, and its use in src/");
    RESPONSE_HEADER_BECAME_OPTIONAL = risky("response-header-became-optional", "check that src/ works without it");
    RESPONSE_HEADER_BECAME_REQUIRED = compatible("response-header-became-required", AGREE);
    RESPONSE_HEADER_TYPE_NARROWED = compatible("response-header-type-narrowed", AGREE);
    RESPONSE_HEADER_TYPE_WIDENED = risky("response-header-type-widened", "change the type, and check how src/ reads it");
    RESPONSE_HEADER_TYPE_CHANGED = risky("response-header-type-changed", "change the type, and check how src/ reads it");
    RESPONSE_HEADER_STYLE_CHANGED = risky("response-header-style-changed", "check how src/ reads the header");

    CALLBACK_ADDED = addition("callback-added", "describe it, if users are to receive it");
    CALLBACK_REMOVED = breaking("callback-removed", "remove its description");
    CALLBACK_URL_CHANGED = risky("callback-url-changed", "change the callback's URL");
    WEBHOOK_METHOD_CHANGED = breaking("webhook-method-changed", "mention it in the changelog: a route accepts one method");
    WEBHOOK_ANSWER_CHANGED = risky("webhook-answer-changed", "check src/webhook");

    // The wrapper and its lifecycle.
    CALL_BEHAVIOUR_ADDED = compatible("call-behaviour-added", "nothing");
    CALL_BEHAVIOUR_REMOVED = risky("call-behaviour-removed", CALLS);
    CALL_BEHAVIOUR_CHANGED = risky("call-behaviour-changed", CALLS);
    KNOWN_ERROR_ADDED = compatible("known-error-added", "nothing");
    KNOWN_ERROR_REMOVED = compatible("known-error-removed", "check that its advice is not needed");
    KNOWN_ERROR_CHANGED = compatible("known-error-changed", "nothing; the sentence is for people");
    STATE_ADDED = addition("state-added", "add the value to its enum, and a row");
    STATE_REMOVED = risky("state-removed", "it may still occur; set the row's evidence to `reported`");
    STATE_MOVED = risky("state-moved", "change the row's status");
    STATE_ADVICE_CHANGED = compatible("state-advice-changed", "read the new advice on the page, and check our row");
    STATE_EVIDENCE_CHANGED = compatible("state-evidence-changed", "mention it in the changelog");
    STATE_MEANING_CHANGED = risky("state-meaning-changed", "mention it in the changelog: decisions may depend on it");
}
