"""A notebook instance from create to gone. No SDK has its operations: plain HTTP, signed by the SDK's own signer."""

import json
import os
import time
import urllib.error
import urllib.request
import uuid
from urllib.parse import urlsplit

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

ENDPOINT = urlsplit(os.environ["EBB_ENDPOINT"])
INSTANCES = f"/v1/{os.environ['EBB_PROJECT_ID']}/demanager/instances"
POLLS = 100
PAUSE_S = 0.1


def call(method, path, query=(), body=None, secret=os.environ["EBB_SECRET_KEY"]):
    """Sends one signed request; answers its status and its body."""
    request = SdkRequest(
        method=method,
        schema=ENDPOINT.scheme,
        host=ENDPOINT.netloc,
        resource_path=path,
        query_params=list(query),
        header_params={"Content-Type": "application/json", "X-Project-Id": os.environ["EBB_PROJECT_ID"]},
        body="" if body is None else json.dumps(body),
    )
    Signer(BasicCredentials(os.environ["EBB_ACCESS_KEY"], secret)).sign(request)
    url = f"{request.schema}://{request.host}{request.uri}"
    sent = urllib.request.Request(url, request.body or None, request.header_params, method=method)
    try:
        with urllib.request.urlopen(sent, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def until(instance_id, reached):
    """Polls until `reached(status, body)`; answers the body."""
    for _ in range(POLLS):
        status, body = call("GET", f"{INSTANCES}/{instance_id}")
        if reached(status, body):
            return body
        time.sleep(PAUSE_S)
    pytest.fail(f"still {status} {body} after {POLLS} polls")


def until_is(instance_id, wanted):
    return until(instance_id, lambda status, body: (status, body.get("status")) == (200, wanted))


def is_unknown(status, body):
    return (status, body.get("error_code")) == (400, "ModelArts.6309")


def test_a_notebook_instance_from_create_to_gone():
    name = f"sdk-{uuid.uuid4().hex[:12]}"
    status, created = call(
        "POST",
        INSTANCES,
        body={
            "name": name,
            "profile_id": "Multi-Engine 1.0 (python3)-cpu",
            "flavor": "modelarts.vm.cpu.2u",
            "spec": {
                "storage": {"type": "evs", "location": {"volume_size": 5}},
                "auto_stop": {"enable": True, "duration": 3600},
            },
        },
    )
    assert status == 200, created
    assert created["name"] == name
    instance = created["id"]
    path = f"{INSTANCES}/{instance}"

    running = until_is(instance, "RUNNING")
    assert 0 < running["spec"]["auto_stop"]["remain_time"] <= 3600
    assert running["spec"]["annotations"]["url"]
    status, listed = call("GET", INSTANCES, [("de_type", "Notebook"), ("status", "RUNNING")])
    assert status == 200
    assert instance in [one["id"] for one in listed["instances"]]
    status, opened = call("GET", f"{path}/token")
    assert (status, len(opened["token"])) == (200, 32)

    status, refusal = call("DELETE", path)
    assert (status, refusal["error_code"]) == (400, "ModelArts.6304")
    assert refusal["error_message"] == refusal["error_msg"]

    status, modified = call("PUT", path, body={"description": "through the signer"})
    assert (status, modified["description"]) == (200, "through the signer")

    status, stopping = call("POST", f"{path}/action", body={"action": "stop"})
    assert (status, stopping) == (200, {"current_status": "STOPPING", "previous_state": "RUNNING"})
    until_is(instance, "STOPPED")

    assert call("DELETE", path) == (200, {"instance_id": instance})
    gone = until(instance, is_unknown)
    assert gone["error_message"] == "The instance does not exist."
    status, refusal = call("DELETE", path)
    assert is_unknown(status, refusal)


def test_a_signature_with_a_wrong_secret_is_refused_in_the_service_s_words():
    status, refusal = call("GET", INSTANCES, [("de_type", "Notebook")], secret="0" * 40)
    assert status == 401
    assert refusal["error_code"].startswith("ModelArts.")
    assert refusal["error_message"]
