"""A database and two proxies in front of it through the vendor's SDK, from create to gone."""

import os
import time
import uuid

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkgaussdb.v3 import (
    CloseMysqlProxyRequestBody,
    CreateGaussMySqlInstanceRequest,
    CreateGaussMySqlProxyRequest,
    DeleteGaussMySqlInstanceRequest,
    DeleteGaussMySqlProxyRequest,
    GaussDBClient,
    ListGaussMySqlInstancesUnifyStatusRequest,
    MysqlBackupStrategy,
    MysqlDatastoreInReq,
    MysqlInstanceRequest,
    NodesWeight,
    OpenMysqlProxyRequestBody,
    ShowGaussMySqlFlavorsRequest,
    ShowGaussMySqlInstanceInfoRequest,
    ShowGaussMySqlInstanceInfoUnifyStatusRequest,
    ShowGaussMySqlJobInfoRequest,
    ShowGaussMySqlProxyFlavorsRequest,
    ShowGaussMySqlProxyListRequest,
)

POLLS = 100
PAUSE_S = 0.1


@pytest.fixture(scope="module")
def client():
    keys = os.environ["EBB_ACCESS_KEY"], os.environ["EBB_SECRET_KEY"], os.environ["EBB_PROJECT_ID"]
    endpoint = os.environ["EBB_ENDPOINT"]
    return GaussDBClient.new_builder().with_credentials(BasicCredentials(*keys)).with_endpoint(endpoint).build()


def until(ask, reached):
    """Polls until `reached(answer)`; answers it."""
    for _ in range(POLLS):
        answer = ask()
        if reached(answer):
            return answer
        time.sleep(PAUSE_S)
    pytest.fail(f"not reached after {POLLS} polls: {answer}")


def finished(client, job_id):
    """The job once it is no longer running."""
    return until(
        lambda: client.show_gauss_my_sql_job_info(ShowGaussMySqlJobInfoRequest(id=job_id)).job,
        lambda job: job.status != "Running",
    )


def refusal(call, *arguments):
    with pytest.raises(ClientRequestException) as error:
        call(*arguments)
    return error.value.status_code, error.value.error_code


def show(client, instance_id):
    return client.show_gauss_my_sql_instance_info(ShowGaussMySqlInstanceInfoRequest(instance_id=instance_id)).instance


def proxies(client, instance_id):
    answer = client.show_gauss_my_sql_proxy_list(ShowGaussMySqlProxyListRequest(instance_id=instance_id))
    return {one.proxy.pool_id: one for one in answer.proxy_list}


def delete_proxies(client, instance_id, ids=None):
    body = None if ids is None else CloseMysqlProxyRequestBody(proxy_ids=ids)
    return client.delete_gauss_my_sql_proxy(DeleteGaussMySqlProxyRequest(instance_id=instance_id, body=body)).job_id


def create_instance(client, name):
    flavors = client.show_gauss_my_sql_flavors(
        ShowGaussMySqlFlavorsRequest(database_name="gaussdb-mysql", availability_zone_mode="single")
    ).flavors
    body = MysqlInstanceRequest(
        region=os.environ.get("EBB_REGION", "eu-local-1"),
        name=name,
        datastore=MysqlDatastoreInReq(type="gaussdb-mysql", version="8.0"),
        mode="Cluster",
        flavor_ref=flavors[0].spec_code,
        vpc_id=str(uuid.uuid4()),
        subnet_id=str(uuid.uuid4()),
        password="Orders-db-9",
        backup_strategy=MysqlBackupStrategy(start_time="08:00-09:00", keep_days="7"),
        availability_zone_mode="single",
        slave_count=1,
    )
    return client.create_gauss_my_sql_instance(CreateGaussMySqlInstanceRequest(body=body))


def open_proxy(client, instance):
    """Creates a proxy as clients do: the one that is being enabled is the new one. Answers its id."""
    groups = client.show_gauss_my_sql_proxy_flavors(
        ShowGaussMySqlProxyFlavorsRequest(instance_id=instance.id)
    ).proxy_flavor_groups
    replica = next(node for node in instance.nodes if node.type == "slave")
    body = OpenMysqlProxyRequestBody(
        flavor_ref=groups[0].proxy_flavors[0].spec_code,
        node_num=2,
        proxy_mode="readwrite",
        nodes_read_weight=[NodesWeight(id=replica.id, weight=100)],
    )
    known = set(proxies(client, instance.id))
    request = CreateGaussMySqlProxyRequest(instance_id=instance.id, body=body)
    job = finished(client, client.create_gauss_my_sql_proxy(request).job_id)
    assert (job.name, job.status) == ("OpenGaussDBforMySQLProxy", "Completed")
    (made,) = set(proxies(client, instance.id)) - known
    return made


def test_a_database_and_its_proxies_from_create_to_gone(client):
    name = f"sdk-{uuid.uuid4().hex[:12]}"
    created = create_instance(client, name)
    assert created.instance.status == "BUILD"
    job = finished(client, created.job_id)
    assert (job.status, job.instance.id, job.instance.name) == ("Completed", created.instance.id, name)
    instance = show(client, created.instance.id)
    assert (instance.status, instance.port, len(instance.nodes)) == ("ACTIVE", "3306", 2)
    assert instance.private_write_ips
    unified = client.show_gauss_my_sql_instance_info_unify_status(
        ShowGaussMySqlInstanceInfoUnifyStatusRequest(instance_id=instance.id)
    )
    assert unified.instance.status == "normal"

    first, second = open_proxy(client, instance), open_proxy(client, instance)
    listed = proxies(client, instance.id)
    assert [one.proxy.status for one in listed.values()] == ["ACTIVE", "ACTIVE"]
    assert listed[first].readonly_nodes[0].weight == 100
    assert [one.pool_id for one in show(client, instance.id).proxies] == [first, second]

    assert refusal(delete_proxies, client, instance.id) == (400, "DBS.270027")
    assert refusal(delete_proxies, client, instance.id, ["0" * 32 + "po01"]) == (400, "DBS.270024")
    job = finished(client, delete_proxies(client, instance.id, [first]))
    assert (job.name, job.status, job.instance.id) == ("CloseGaussDBforMySQLProxy", "Completed", instance.id)
    assert list(proxies(client, instance.id)) == [second]

    assert finished(client, delete_proxies(client, instance.id)).status == "Completed"
    assert not proxies(client, instance.id)
    assert refusal(delete_proxies, client, instance.id) == (400, "DBS.270024")

    open_proxy(client, instance)
    request = DeleteGaussMySqlInstanceRequest(instance_id=instance.id)
    job_id = client.delete_gauss_my_sql_instance(request).job_id
    job = finished(client, job_id)
    assert (job.name, job.status) == ("DeleteGaussDBforMySQLInstance", "Completed")
    assert refusal(show, client, instance.id) == (404, "DBS.200002")
    assert refusal(proxies, client, instance.id) == (404, "DBS.201028")
    left = client.list_gauss_my_sql_instances_unify_status(ListGaussMySqlInstancesUnifyStatusRequest(name=name))
    assert (left.total_count, left.instances) == (0, [])


def test_an_unknown_job_and_a_malformed_instance_id_have_their_codes(client):
    assert refusal(finished, client, str(uuid.uuid4())) == (400, "DBS.200543")
    assert refusal(show, client, "orders") == (400, "DBS.280404")
    assert refusal(show, client, "0" * 32 + "in07") == (404, "DBS.200002")


def test_a_refusal_is_said_in_the_language_that_was_asked_for(client):
    request = ShowGaussMySqlJobInfoRequest(x_language="zh-cn", id=str(uuid.uuid4()))
    with pytest.raises(ClientRequestException) as error:
        client.show_gauss_my_sql_job_info(request)
    assert (error.value.error_code, error.value.error_msg) == ("DBS.200543", "任务不存在。")
