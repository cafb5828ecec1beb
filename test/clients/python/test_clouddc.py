"""The vendor's CloudDC SDK, unmodified, against a running Ebb: create, look, delete, terminated."""

import os
import time

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkclouddc.v1 import (
    BatchDeleteOptions,
    ChangeInstancePasswordOptions,
    ChangeInstancePasswordRequest,
    ChangeServerPowerStateRequest,
    CloudDCClient,
    CreateInstanceOpitons,
    CreateInstanceOpitonsPlacement,
    CreateInstanceRequest,
    DeleteInstanceRequest,
    DeleteInstancesRequest,
    ListInstancesRequest,
    ListServersRequest,
    ModifyInstanceIpRequest,
    ModifyInstanceIpRequestBody,
    ModifyInstanceIpRequestBodyNics,
    NetworkInterface,
    PowerAction,
    ReinstallOSOptions,
    ReinstallOsRequest,
    RunInstancesOptions,
    RunInstancesOptionsNetworkInterfaces,
    RunInstancesRequest,
    ShowInstanceStatusRequest,
    ShowServerHardwareAttributesRequest,
    ShowServerRequest,
)

IMAGE = "0a1b2c3d-1111-4222-8333-444455556666"
VPC = "9f8e7d6c-2222-4333-8444-555566667777"
SUBNET = "5e4d3c2b-3333-4444-8555-666677778888"
NOBODY = "01990000-aaaa-7bbb-8ccc-00000000dead"


def connect(secret_key=None):
    credentials = BasicCredentials(
        os.environ["EBB_ACCESS_KEY"],
        secret_key or os.environ["EBB_SECRET_KEY"],
        os.environ["EBB_PROJECT_ID"],
    )
    endpoint = os.environ["EBB_ENDPOINT"]
    return CloudDCClient.new_builder().with_credentials(credentials).with_endpoint(endpoint).build()


@pytest.fixture(scope="module", name="client")
def fixture_client():
    return connect()


def until(look, wanted, tries=400, pause=0.025):
    """Looks until the wanted value is there; what was seen instead fails the test."""
    seen = []
    for _ in range(tries):
        seen.append(look())
        if seen[-1] == wanted:
            return
        time.sleep(pause)
    pytest.fail(f"never {wanted}: {sorted(set(map(str, seen)))}")


def state_of(client, instance_id):
    return client.show_instance_status(ShowInstanceStatusRequest(id=instance_id)).state


def server_of(client, server_id):
    return client.show_server(ShowServerRequest(id=server_id))


def idle_servers(client):
    return client.list_servers(ListServersRequest(manage_state="ready", limit=1000)).servers


def create(client, server_id=None, address=None):
    placement = CreateInstanceOpitonsPlacement(server_id=server_id) if server_id else None
    body = CreateInstanceOpitons(
        name="sdk-node",
        image_id=IMAGE,
        vpc_id=VPC,
        network_interfaces=[NetworkInterface(subnet_id=SUBNET, ipv4_address=address)],
        password="Str0ng-Pass",
        metadata={"team": "search"},
        placement=placement,
    )
    return client.create_instance(CreateInstanceRequest(body=body)).instance_id


def delete(client, instance_id):
    client.delete_instance(DeleteInstanceRequest(id=instance_id))
    until(lambda: state_of(client, instance_id), "terminated")


def test_an_instance_is_created_runs_is_deleted_and_is_terminated(client):
    server = idle_servers(client)[0]
    assert server.hardware_attributes.sn
    instance_id = create(client, server.id, "10.20.0.15")
    assert server_of(client, server.id).manage_state == "in-use"
    until(lambda: state_of(client, instance_id), "running")
    listed = client.list_instances(ListInstancesRequest(instance_id=instance_id))
    assert listed.count == 1
    instance = listed.instances[0]
    assert (instance.id, instance.server_id, instance.metadata) == (instance_id, server.id, {"team": "search"})
    assert instance.network_interfaces[0].ipv4_address == "10.20.0.15"
    answer = client.delete_instance(DeleteInstanceRequest(id=instance_id))
    assert answer.status_code == 204
    assert not answer.body
    until(lambda: state_of(client, instance_id), "terminated")
    assert server_of(client, server.id).manage_state == "ready"


def test_several_are_created_together_and_deleted_together(client):
    body = RunInstancesOptions(
        name="batch",
        image_id=IMAGE,
        vpc_id=VPC,
        network_interfaces=[RunInstancesOptionsNetworkInterfaces(subnet_id=SUBNET)],
        password="Str0ng-Pass",
        min_count=2,
        max_count=2,
    )
    made = [one.id for one in client.run_instances(RunInstancesRequest(body=body)).instances]
    assert len(made) == 2
    for instance_id in made:
        until(lambda: state_of(client, instance_id), "running")
    options = BatchDeleteOptions(instance_id_set=made)
    answer = client.delete_instances(DeleteInstancesRequest(body=options))
    assert answer.status_code == 202
    assert [one.id for one in answer.instances] == made
    for instance_id in made:
        until(lambda: state_of(client, instance_id), "terminated")


def test_power_takes_the_instance_along(client):
    server_id = idle_servers(client)[0].id
    instance_id = create(client, server_id)
    until(lambda: state_of(client, instance_id), "running")
    for action, power, state in [("power off", "off", "stopped"), ("power on", "on", "running")]:
        body = PowerAction(action=action, server_id_set=[server_id])
        answer = client.change_server_power_state(ChangeServerPowerStateRequest(body=body))
        assert answer.status_code == 200
        until(lambda: server_of(client, server_id).power_state, power)
        until(lambda: state_of(client, instance_id), state)
    delete(client, instance_id)


def test_image_password_and_address_are_changed(client):
    instance_id = create(client)
    until(lambda: state_of(client, instance_id), "running")
    options = ReinstallOSOptions(password="An0ther-Pass", instance_id_set=[instance_id])
    assert client.reinstall_os(ReinstallOsRequest(body=options)).status_code == 202
    until(lambda: state_of(client, instance_id), "running")
    options = ChangeInstancePasswordOptions(new_password="An0ther-Pass", instance_id_set=[instance_id])
    answer = client.change_instance_password(ChangeInstancePasswordRequest(body=options))
    assert [one.id for one in answer.instances] == [instance_id]
    nics = [ModifyInstanceIpRequestBodyNics(subnet_id=SUBNET, ip_address="10.20.0.77")]
    body = ModifyInstanceIpRequestBody(nics=nics)
    assert client.modify_instance_ip(ModifyInstanceIpRequest(id=instance_id, body=body)).status_code == 202

    def address():
        listed = client.list_instances(ListInstancesRequest(instance_id=instance_id)).instances
        return listed[0].network_interfaces[0].ipv4_address

    until(address, "10.20.0.77")
    delete(client, instance_id)


def test_the_hardware_of_a_server_is_shown(client):
    server = client.list_servers(ListServersRequest()).servers[0]
    shown = client.show_server_hardware_attributes(ShowServerHardwareAttributesRequest(id=server.id))
    assert shown.summary.sn == server.hardware_attributes.sn
    assert shown.processors[0].total_cores > 0


def test_what_is_gone_or_was_never_there_is_not_found(client):
    instance_id = create(client)
    delete(client, instance_id)
    for unknown in [instance_id, NOBODY]:
        with pytest.raises(ClientRequestException) as refused:
            client.delete_instance(DeleteInstanceRequest(id=unknown))
        assert refused.value.status_code == 404
        assert refused.value.error_code == "iMetal.0200"
        assert unknown in refused.value.error_msg
        assert refused.value.request_id


def test_a_wrong_secret_key_is_unauthorized():
    with pytest.raises(ClientRequestException) as refused:
        connect("x" * 40).list_servers(ListServersRequest())
    assert refused.value.status_code == 401
    assert refused.value.error_code == "iMetal.0003"
    assert refused.value.error_msg.startswith("Unauthorized")
