"""IAM through the vendor's SDK: look-ups that every client makes, tokens, and the life of an access key."""

import os

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkclouddc.v1 import CloudDCClient, ListInstancesRequest
from huaweicloudsdkiam.v3 import (
    CreateCredentialOption,
    CreatePermanentAccessKeyRequest,
    CreatePermanentAccessKeyRequestBody,
    DeletePermanentAccessKeyRequest,
    IamClient,
    KeystoneListAuthDomainsRequest,
    KeystoneListProjectsRequest,
    KeystoneListRegionsRequest,
    ListPermanentAccessKeysRequest,
)

ENDPOINT = os.environ["EBB_ENDPOINT"]


def iam(access_key=os.environ["EBB_ACCESS_KEY"], secret_key=os.environ["EBB_SECRET_KEY"]):
    credentials = GlobalCredentials(access_key, secret_key, os.environ["EBB_DOMAIN_ID"])
    return IamClient.new_builder().with_credentials(credentials).with_endpoint(ENDPOINT).build()


def test_the_region_s_project_is_found_by_its_name():
    found = iam().keystone_list_projects(KeystoneListProjectsRequest(name=os.environ["EBB_REGION"]))
    assert [project.id for project in found.projects] == [os.environ["EBB_PROJECT_ID"]]


def test_domains_and_regions_are_listed():
    domains = iam().keystone_list_auth_domains(KeystoneListAuthDomainsRequest())
    assert [domain.id for domain in domains.domains] == [os.environ["EBB_DOMAIN_ID"]]
    regions = iam().keystone_list_regions(KeystoneListRegionsRequest())
    assert os.environ["EBB_REGION"] in [region.id for region in regions.regions]


def test_a_client_without_a_project_id_looks_it_up_itself():
    credentials = BasicCredentials(os.environ["EBB_ACCESS_KEY"], os.environ["EBB_SECRET_KEY"]).with_iam_endpoint(ENDPOINT)
    region = Region(os.environ["EBB_REGION"], ENDPOINT)
    client = CloudDCClient.new_builder().with_credentials(credentials).with_region(region).build()
    assert client.list_instances(ListInstancesRequest()).instances is not None


def test_a_wrong_secret_is_refused_and_says_why():
    with pytest.raises(ClientRequestException) as refusal:
        iam(secret_key="0" * 40).keystone_list_projects(KeystoneListProjectsRequest())
    assert refusal.value.status_code == 401
    assert refusal.value.request_id


def test_an_access_key_lives_from_its_creation_to_its_deletion():
    user_id = iam().list_permanent_access_keys(ListPermanentAccessKeysRequest()).credentials[0].user_id
    body = CreatePermanentAccessKeyRequestBody(CreateCredentialOption(user_id=user_id, description="made by a test"))
    made = iam().create_permanent_access_key(CreatePermanentAccessKeyRequest(body=body)).credential
    second = iam(made.access, made.secret)
    assert second.keystone_list_projects(KeystoneListProjectsRequest()).projects
    iam().delete_permanent_access_key(DeletePermanentAccessKeyRequest(access_key=made.access))
    with pytest.raises(ClientRequestException) as refusal:
        second.keystone_list_projects(KeystoneListProjectsRequest())
    assert refusal.value.status_code == 401
