import type { AccountSetting } from "./accounts.ts";

/** Everything that a client needs; the names are the ones of `ebb env --json`. */
export interface ClientEnvironment {
  endpoint: string;
  region: string;
  project_id: string;
  domain_id: string;
  domain_name: string;
  user_name: string;
  password: string;
  access_key: string;
  secret_key: string;
}

/** The services as the vendor's SDKs name them when they look for a region's endpoint. */
const SDK_SERVICES = ["CLOUDDC", "DATAARTSFABRIC", "DATAARTSFABRICEP", "GAUSSDB", "IAM", "MODELARTS"];

/** What the first user of the first account needs, in the project that carries the region's name if there is one. */
export function clientEnvironment(
  accounts: readonly AccountSetting[],
  { url, region }: { url: string; region: string },
): ClientEnvironment {
  const [account] = accounts;
  const [user] = account?.users ?? [];
  const project = account?.projects.find(({ name }) => name === region) ?? account?.projects[0];
  if (account === undefined || user === undefined || project === undefined) throw new Error("no account is configured");
  return {
    endpoint: url,
    region,
    project_id: project.id,
    domain_id: account.id,
    domain_name: account.name,
    user_name: user.name,
    password: user.password,
    access_key: user.access_key,
    secret_key: user.secret_key,
  };
}

/** The same under the names that the SDKs (`HUAWEICLOUD_SDK_*`) and Terraform (`HW_*`) read. */
export function clientVariables(values: ClientEnvironment): Record<string, string> {
  const region = values.region.toUpperCase().replaceAll("-", "_");
  return {
    EBB_ENDPOINT: values.endpoint,
    HUAWEICLOUD_SDK_AK: values.access_key,
    HUAWEICLOUD_SDK_SK: values.secret_key,
    HUAWEICLOUD_SDK_PROJECT_ID: values.project_id,
    HUAWEICLOUD_SDK_DOMAIN_ID: values.domain_id,
    HUAWEICLOUD_SDK_IAM_ENDPOINT: values.endpoint,
    ...Object.fromEntries(
      SDK_SERVICES.map((service) => [`HUAWEICLOUD_SDK_REGION_${service}_${region}`, values.endpoint]),
    ),
    HW_REGION_NAME: values.region,
    HW_ACCESS_KEY: values.access_key,
    HW_SECRET_KEY: values.secret_key,
    HW_PROJECT_ID: values.project_id,
    HW_DOMAIN_ID: values.domain_id,
    HW_DOMAIN_NAME: values.domain_name,
    HW_USER_NAME: values.user_name,
    HW_USER_PASSWORD: values.password,
    // Without /v3 at the end the provider looks for versions first.
    HW_AUTH_URL: `${values.endpoint}/v3`,
  };
}
