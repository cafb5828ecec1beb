import { type EndpointFlags, type FoundEbb, findEbb } from "./endpoint.ts";

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

/** `ebb env`: how to reach the running Ebb, as shell exports or as one JSON object. */
export function env(flags: EndpointFlags & { json?: boolean }): void {
  // The variable is this command's own output: read back, it would keep pointing at an Ebb that has moved.
  const { EBB_ENDPOINT: _, ...variables } = process.env;
  const values = clientEnvironment(findEbb(flags, variables, process.cwd()));
  process.stdout.write(flags.json === true ? `${JSON.stringify(values, null, 2)}\n` : shellExports(values));
}

/** What the first user of the first account needs, in the project that carries the region's name if there is one. */
export function clientEnvironment({ settings, url, region }: FoundEbb): ClientEnvironment {
  const [account] = settings.accounts;
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

/** The same for a POSIX shell, under the names that the SDKs (`HUAWEICLOUD_SDK_*`) and Terraform (`HW_*`) read. */
export function shellExports(values: ClientEnvironment): string {
  const region = values.region.toUpperCase().replaceAll("-", "_");
  const variables: Record<string, string> = {
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
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`)
    .join("");
}

/** The text as one word of a POSIX shell, whatever it holds. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
