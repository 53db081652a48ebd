"""What Schemathesis cannot know of the API: two formats, and which fitting requests are refused all the same.

A request that fits the spec must be accepted, except for reasons that OpenAPI cannot express. Each reason is a row of EXCEPTIONS; the
sandbox gives its reasons in `message`.
"""

import datetime
import re

import schemathesis
from hypothesis import strategies
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import positive_data_acceptance

# A reason of the sandbox, and why it is none that the spec could give. run.sh has the checks that are left out altogether.
EXCEPTIONS = {
    r"the query must name exactly one of .*": "OpenAPI has no choice between arguments; for bodies the spec has one",
    r"x-api-version must be a date as YYYY-MM-DD": "the pattern cannot tell that there is no 30 February",
    r".* is not a field of this request": "the sandbox refuses a misspelt field; Cashfree documents neither",
    r"(aadhaar_details|security_questions)\S* is empty": "the schema is also that of a response, which may be empty",
    r"(aadhaar_details|security_questions)\S* is missing": "`x-required-when-sent`, for the same reason",
    r"security_questions must be numbered by .*": "`x-numbered-by`: OpenAPI has no such rule",
    r"aadhaar_details.gender must be one of M, F, O": "open where it is read, and the schema is also that of a response",
    r"(authenticated_user.identifier_type|notification_types\S*) is empty": "an open enum has no limits",
    r"A user with this user_id exists already.": "documented as a 400, where others have 409",
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
