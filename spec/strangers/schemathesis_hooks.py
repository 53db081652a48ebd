"""Adds two formats to Schemathesis, and the valid requests that the API refuses.

A request that is valid by the spec must be accepted, except for reasons that OpenAPI cannot express. Each reason is a row of EXCEPTIONS;
the sandbox returns its reasons in `message`.
"""

import datetime
import re

import schemathesis
from hypothesis import strategies
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import positive_data_acceptance

# A reason of the sandbox, and why the spec cannot express it. run.sh lists the excluded checks.
EXCEPTIONS = {
    r"the query must name exactly one of .*": "OpenAPI cannot express a choice between arguments, only between fields of a body",
    r"x-api-version must be a date as YYYY-MM-DD": "a pattern cannot exclude 30 February",
    r".* is not a field of this request": "the sandbox refuses a misspelt field; Cashfree's behaviour is not documented",
    r"(aadhaar_details|security_questions)\S* is empty": "a response has the same schema and may be empty",
    r"(aadhaar_details|security_questions)\S* is missing": "`x-required-when-sent`, for the same reason",
    r"security_questions must be numbered by .*": "`x-numbered-by`: OpenAPI has no such rule",
    r"aadhaar_details.gender must be one of M, F, O": "open in responses, which have the same schema",
    r"(authenticated_user.identifier_type|notification_types\S*) is empty": "an open enum has no limits",
    r"A user with this user_id exists already.": "documented as 400, unlike other conflicts (409)",
}


@schemathesis.check
def fitting_requests_are_accepted(ctx, response, case):
    try:
        return positive_data_acceptance(ctx, response, case)
    except Failure:
        message = response.json().get("message", "")
        reasons = re.sub(r"^.*?\.? \((.*)\)$", r"\1", message).split("; ")
        if not all(any(re.fullmatch(known, reason) for known in EXCEPTIONS) for reason in reasons):
            raise


def dates(form):
    days = strategies.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1))
    return days.map(lambda day: day.strftime(form))


schemathesis.openapi.format("day-month-year", dates("%d-%m-%Y"))
schemathesis.openapi.format("timestamp", dates("%Y-%m-%dT15:04:05Z"))
