"""The six calls, with the client of each Python generator.

    six_calls.py CLIENT

The modules of the clients are in the working directory.
"""

import os
import sys

URL, VERSION = os.environ["STRANGERS_URL"], "2024-12-01"
KEYS = {"x-client-id": os.environ["CASHFREE_CLIENT_ID"], "x-client-secret": os.environ["CASHFREE_CLIENT_SECRET"]}


def openapi_generator(user_id):
    import openapi_client as api

    configuration = api.Configuration(
        host=URL, api_key={"ClientId": KEYS["x-client-id"], "ClientSecret": KEYS["x-client-secret"]}
    )
    client = api.DefaultApi(api.ApiClient(configuration))
    yield client.vkyc_create_user(VERSION, api.NewUser(user_id=user_id, phone="9988776655")).user_id == user_id
    yield client.vkyc_get_user(VERSION, user_id=user_id).phone == "9988776655"
    changes = api.UserChanges.from_dict({"user_id": user_id, "email": "nobody@example.com"})
    yield client.vkyc_update_user(VERSION, changes).email == "nobody@example.com"
    initiate = api.InitiateRequest.from_dict({"verification_id": user_id, "user_id": user_id, "notification_types": ["sms"]})
    begun = client.vkyc_initiate(VERSION, initiate)
    yield begun.status.actual_instance == "RECEIVED"
    yield client.vkyc_get_status(VERSION, verification_id=user_id).reference_id == begun.reference_id
    yield bool(client.vkyc_create_token(VERSION, api.TokenRequest.from_dict(token(user_id, begun))).access_token)


def openapi_python_client(user_id):
    from attrs_client import Client, models
    from attrs_client.api.default import (
        vkyc_create_token,
        vkyc_create_user,
        vkyc_get_status,
        vkyc_get_user,
        vkyc_initiate,
        vkyc_update_user,
    )

    client = Client(base_url=URL, headers=KEYS)
    user = models.NewUser(user_id=user_id, phone="9988776655")
    yield vkyc_create_user.sync(client=client, body=user).user_id == user_id
    yield vkyc_get_user.sync(client=client, user_id=user_id).phone == "9988776655"
    changes = models.UserChanges(user_id=user_id, email="nobody@example.com")
    yield vkyc_update_user.sync(client=client, body=changes).email == "nobody@example.com"
    initiate = models.InitiateRequest(verification_id=user_id, user_id=user_id, notification_types=["sms"])
    begun = vkyc_initiate.sync(client=client, body=initiate)
    yield begun.status is models.KycStatus.RECEIVED
    yield vkyc_get_status.sync(client=client, verification_id=user_id).reference_id == begun.reference_id
    body = models.TokenRequest.from_dict(token(user_id, begun))
    yield bool(vkyc_create_token.sync(client=client, body=body).access_token)


def token(user_id, begun):
    return {
        "app_id": "app",
        "product": "VKYC",
        "metadata": {"vkyc_request_id": begun.reference_id},
        "authenticated_user": {"identifier_type": "userId", "identifier_value": user_id},
    }


CLIENTS = {"python": openapi_generator, "openapi-python-client": openapi_python_client}
sys.path.insert(0, os.getcwd())
results = list(CLIENTS[sys.argv[1]](sys.argv[1]))
print(f"{sum(results)} of {len(results)} calls")
sys.exit(results.count(False))
