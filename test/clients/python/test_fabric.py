"""DataArtsFabric through the vendor's SDKs, from a workspace to none: models served, jobs run, everything deleted."""

import os
import time
import uuid

import huaweicloudsdkdataartsfabric.v1 as admin
import huaweicloudsdkdataartsfabricep.v1 as ep
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkdataartsfabric.v1 import DataArtsFabricClient
from huaweicloudsdkdataartsfabricep.v1 import DataArtsFabricEpClient

POLLS = 100
PAUSE_S = 0.1


def connect(client_class):
    credentials = BasicCredentials(os.environ["EBB_ACCESS_KEY"], os.environ["EBB_SECRET_KEY"]).with_project_id(
        os.environ["EBB_PROJECT_ID"]
    )
    return client_class.new_builder().with_credentials(credentials).with_endpoint(os.environ["EBB_ENDPOINT"]).build()


@pytest.fixture(scope="module")
def fabric():
    return connect(DataArtsFabricClient)


@pytest.fixture(scope="module")
def serving():
    return connect(DataArtsFabricEpClient)


@pytest.fixture
def workspace(fabric):
    name = f"py-{uuid.uuid4().hex[:12]}"
    body = admin.CreateWorkspaceRequestInput(name=name, description="from the SDK")
    made = fabric.create_workspace(admin.CreateWorkspaceRequest(body=body))
    assert (made.name, made.enterprise_project_id) == (name, "0")
    assert made.x_request_id
    return made.id


def until(ask, reached):
    """Polls until `reached(answer)`; answers it."""
    for _ in range(POLLS):
        answer = ask()
        if reached(answer):
            return answer
        time.sleep(PAUSE_S)
    pytest.fail(f"not reached after {POLLS} polls: {answer}")


def refusal(call, request):
    """The error of a call that is refused."""
    with pytest.raises(ClientRequestException) as error:
        call(request)
    return error.value


def gone(ask, request):
    """Polls a show until it is 404."""

    def look():
        try:
            return ask(request).status
        except ClientRequestException as error:
            return error.status_code

    assert until(look, lambda status: status not in ("RUNNING", "DELETING")) == 404


def endpoint_in(fabric, workspace, **asked):
    body = admin.EndpointInput(name="sdk ep", **asked)
    made = fabric.create_endpoint(admin.CreateEndpointRequest(workspace_id=workspace, body=body))
    assert made.status == "CREATING"
    show = admin.ShowEndpointRequest(workspace_id=workspace, endpoint_id=made.id)
    running = until(lambda: fabric.show_endpoint(show), lambda endpoint: endpoint.status != "CREATING")
    assert (running.status, running.owner.domain_name) == ("RUNNING", made.owner.domain_name)
    return made.id, show


def delete_endpoint(fabric, workspace, endpoint, show):
    request = admin.DeleteEndpointRequest(workspace_id=workspace, endpoint_id=endpoint)
    deleted = fabric.delete_endpoint(request)
    assert (deleted.status_code, deleted.id) == (202, endpoint)
    gone(fabric.show_endpoint, show)


def delete_workspace(fabric, workspace):
    request = admin.DeleteWorkspaceRequest(workspace_id=workspace)
    assert fabric.delete_workspace(request).status_code == 200
    listed = fabric.list_workspaces(admin.ListWorkspacesRequest(id=workspace))
    assert (listed.total, listed.workspaces) == (0, [])
    error = refusal(fabric.delete_workspace, request)
    assert (error.status_code, error.error_code) == (404, "common.01000001")


def version(name):
    config = admin.LlmModelConfig(base_model_type="GLM_4_9B", model_path="obs://bucket/weights/")
    return admin.ModelVersionInput(name=name, config=admin.ModelConfig(llm_model_config=config))


def test_a_model_is_served_and_everything_is_deleted_again(fabric, serving, workspace):
    mu = admin.ResourceDemand(spec_code="mu.llama3.8b", min=0, max=4)
    endpoint, show_endpoint = endpoint_in(
        fabric, workspace, type="inference", reserved_resource=admin.ReservedResource(mu=mu)
    )
    body = admin.CreateModelInput(name="demo-model", type="LLM_MODEL", version=version("v1"))
    model = fabric.create_model_definition(admin.CreateModelDefinitionRequest(workspace_id=workspace, body=body))
    [listed] = fabric.list_models(admin.ListModelsRequest(workspace_id=workspace, id=model.id)).models
    assert listed.current_version.id == model.version_id

    resource = ep.ResourceDemand(spec_code="mu.llama3.8b", min=1, max=2)
    config = ep.ServiceInstanceConfig(model_instance_config=ep.ModelServiceInstanceConfig(resource=resource))
    asked = ep.ServiceInstanceInput(
        source=ep.SourceRef(id=model.id), name="chat svc", endpoint_id=endpoint, config=config
    )
    instance = serving.deploy_service_instance(ep.DeployServiceInstanceRequest(workspace_id=workspace, body=asked)).id
    show = ep.ShowServiceInstanceDetailRequest(workspace_id=workspace, instance_id=instance)
    running = until(lambda: serving.show_service_instance_detail(show), lambda one: one.status != "CREATING")
    assert (running.status, running.source.version_id) == ("RUNNING", model.version_id)
    assert running.config.model_instance_config.resource.max == 2
    assert running.url.address.endswith(f"{instance}/invocations")

    refused = refusal(fabric.delete_workspace, admin.DeleteWorkspaceRequest(workspace_id=workspace))
    assert refused.status_code == 400
    assert endpoint in refused.error_msg and instance in refused.error_msg
    cleanup = admin.CleanupModelRequest(workspace_id=workspace, model_id=model.id)
    assert instance in refusal(fabric.cleanup_model, cleanup).error_msg
    busy = admin.DeleteEndpointRequest(workspace_id=workspace, endpoint_id=endpoint)
    assert instance in refusal(fabric.delete_endpoint, busy).error_msg

    request = ep.DeleteServiceInstanceRequest(workspace_id=workspace, instance_id=instance)
    assert serving.delete_service_instance(request).status_code == 202
    gone(serving.show_service_instance_detail, show)
    instances = serving.list_services_instances(ep.ListServicesInstancesRequest(workspace_id=workspace))
    assert (instances.total, instances.service_instances) == (0, [])

    delete_endpoint(fabric, workspace, endpoint, show_endpoint)
    assert fabric.cleanup_model(cleanup).status_code == 200
    assert fabric.list_models(admin.ListModelsRequest(workspace_id=workspace)).total == 0
    delete_workspace(fabric, workspace)


def test_models_have_versions(fabric, workspace):
    body = admin.CreateModelInput(name="demo-model", type="LLM_MODEL", version=version("v1"))
    model = fabric.create_model_definition(admin.CreateModelDefinitionRequest(workspace_id=workspace, body=body))
    change = admin.UpdateModelInput(description="better", version=version("v2"))
    request = admin.UpdateModelDefinitionRequest(workspace_id=workspace, model_id=model.id, body=change)
    updated = fabric.update_model_definition(request)
    assert (updated.description, updated.current_version.name) == ("better", "v2")
    ask = admin.ListModelVersionsRequest(workspace_id=workspace, model_id=model.id)
    assert [one.name for one in fabric.list_model_versions(ask).versions] == ["v2", "v1"]
    one = {"workspace_id": workspace, "model_id": model.id, "version_id": model.version_id}
    assert fabric.delete_model_version(admin.DeleteModelVersionRequest(**one)).status_code == 202
    assert [one.name for one in fabric.list_model_versions(ask).versions] == ["v2"]
    refused = refusal(fabric.delete_workspace, admin.DeleteWorkspaceRequest(workspace_id=workspace))
    assert model.id in refused.error_msg
    fabric.cleanup_model(admin.CleanupModelRequest(workspace_id=workspace, model_id=model.id))
    delete_workspace(fabric, workspace)


def test_a_job_runs_and_ends_by_itself(fabric, serving, workspace):
    endpoint, show_endpoint = endpoint_in(fabric, workspace, type="ray")
    config = admin.JobConfig(ray_job_config=admin.RayJobConfig(entrypoint="python main.py"))
    asked = admin.CreateJobInput(
        name="nightly", type="RAY_JOB", version=admin.JobVersionInput(name="v1", config=config)
    )
    job = fabric.create_job(admin.CreateJobRequest(workspace_id=workspace, body=asked))
    ref = ep.JobRef(id=job.id, version_id=job.version_id)
    body = ep.RunJobInput(job=ref, name="run 1", endpoint_id=endpoint)
    run = serving.run_job(ep.RunJobRequest(workspace_id=workspace, body=body)).id
    show = ep.ShowJobRunDetailRequest(workspace_id=workspace, run_id=run)
    going = ("PENDING", "CREATING", "RUNNING")
    ended = until(lambda: serving.show_job_run_detail(show), lambda one: one.status not in going)
    assert (ended.status, ended.job.id, ended.endpoint_id) == ("SUCCEEDED", job.id, endpoint)
    [listed] = serving.list_job_runs(ep.ListJobRunsRequest(workspace_id=workspace, status="SUCCEEDED")).job_runs
    assert listed.id == run

    refused = refusal(fabric.delete_workspace, admin.DeleteWorkspaceRequest(workspace_id=workspace))
    assert all(one in refused.error_msg for one in (endpoint, job.id, run))
    serving.delete_job_run(ep.DeleteJobRunRequest(workspace_id=workspace, run_id=run))
    assert refusal(serving.show_job_run_detail, show).status_code == 404
    fabric.delete_job(admin.DeleteJobRequest(workspace_id=workspace, job_id=job.id))
    assert fabric.list_jobs(admin.ListJobsRequest(workspace_id=workspace)).total == 0
    delete_endpoint(fabric, workspace, endpoint, show_endpoint)
    delete_workspace(fabric, workspace)


def test_workspaces_are_tagged_and_found_by_their_tags(fabric, workspace):
    tags = [admin.ResourceTag(key="made-by", value=workspace)]
    body = admin.BatchCreateTagsRequestBody(tags=tags)
    fabric.batch_create_fabric_workspace_tags(
        admin.BatchCreateFabricWorkspaceTagsRequest(workspace_id=workspace, body=body)
    )
    match = admin.ListTagWorkspacesRequestBody(tags=[admin.ResourceTagParam(key="made-by", values=[workspace])])
    found = fabric.list_tag_fabric_workspaces(admin.ListTagFabricWorkspacesRequest(body=match))
    assert (found.total_count, found.resources[0].resource_id) == (1, workspace)
    listed = fabric.list_fabric_workspace_tags(admin.ListFabricWorkspaceTagsRequest(workspace_id=workspace))
    assert [(tag.key, tag.value) for tag in listed.tags] == [("made-by", workspace)]
    removed = admin.BatchDeleteTagsRequestBody(tags=[admin.DeleteResourceTag(key="made-by")])
    fabric.batch_delete_fabric_workspace_tags(
        admin.BatchDeleteFabricWorkspaceTagsRequest(workspace_id=workspace, body=removed)
    )
    count = admin.CountTagFabricWorkspacesRequest(body=match)
    assert fabric.count_tag_fabric_workspaces(count).total_count == 0
    delete_workspace(fabric, workspace)


def test_what_can_be_asked_for_is_listed(fabric):
    specs = fabric.list_specs(admin.ListSpecsRequest(spec_types=["MU", "DPU"]))
    assert specs.total == len(specs.spec_codes) > 0
    models = fabric.list_base_models(admin.ListBaseModelsRequest())
    assert models.total == len(models.models) > 0
    fabric.show_admin_health_check(admin.ShowAdminHealthCheckRequest())


def test_refusals_are_read_by_the_sdk(fabric):
    malformed = refusal(fabric.delete_workspace, admin.DeleteWorkspaceRequest(workspace_id="not_an_id"))
    assert (malformed.status_code, malformed.error_code) == (400, "common.01000001")
    stranger = DataArtsFabricClient.new_builder()
    stranger.with_credentials(BasicCredentials("NOBODYSKEY0000000001", "nothing").with_project_id("p"))
    unknown = stranger.with_endpoint(os.environ["EBB_ENDPOINT"]).build()
    error = refusal(unknown.list_workspaces, admin.ListWorkspacesRequest())
    assert (error.status_code, error.error_code) == (401, "APIG.1002")
