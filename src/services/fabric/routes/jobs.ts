import { Type } from "typebox";
import { fuzzy, operation, pageByOffset } from "../../../wire/index.ts";
import { JOB_NAME_MOST } from "../choices.ts";
import { ENDPOINT } from "../endpoint.ts";
import { getInside, readInside } from "../inside.ts";
import { JOB, JOB_TYPES, JOB_VERSION, type JobSpec, jobView } from "../job.ts";
import { JobVersion, mustSuit } from "../job-asked.ts";
import { SortBy, sortedAs } from "../listing.ts";
import { DEFAULT_LIMIT, Description, Id, Limit, NamePart, nameUpTo, Offset, Order } from "../schemas.ts";
import { userOf } from "../users.ts";
import { addVersion, currentVersions, listVersions, VersionsQuery, versionOf } from "../versions.ts";
import { WORKSPACE } from "../workspace.ts";

const Workspace = Type.Object({ workspace_id: Id });
const Path = Type.Object({ workspace_id: Id, job_id: Id });
const Name = nameUpTo(JOB_NAME_MOST);
const JobType = Type.Enum([...JOB_TYPES]);

export const createJob = operation({
  id: "CreateJob",
  method: "POST",
  path: "/v1/workspaces/{workspace_id}/jobs",
  summary: "Creates a job with its first version",
  action: "DataArtsFabric:job:create",
  success: 200,
  params: Workspace,
  body: Type.Object({
    name: Name,
    type: JobType,
    version: JobVersion,
    description: Type.Optional(Description),
    current_endpoint_id: Type.Optional(Id),
  }),
  async handle({ params, body, caller, principal }, { lifecycle, ids }) {
    mustSuit(body.type, body.version);
    const user = userOf(principal);
    const about = { description: body.description ?? "", type: body.type, create_user: user, update_user: user };
    const spec: JobSpec = { ...about, current_version_id: null, current_endpoint_id: body.current_endpoint_id ?? null };
    return lifecycle.accept(caller, async (accepting) => {
      await accepting.get(WORKSPACE, params.workspace_id);
      if (body.current_endpoint_id) await getInside(accepting, params.workspace_id, ENDPOINT, body.current_endpoint_id);
      const birth = { kind: JOB, id: ids.uuid(), parentId: params.workspace_id, name: body.name, spec };
      const { resource: job } = await accepting.create(birth);
      const version = await addVersion(accepting, job, JOB_VERSION, ids, body.version, user);
      await accepting.change(job, { spec: { current_version_id: version.id } });
      return { body: { id: job.id, version_id: version.id } };
    });
  },
});

export const listJobs = operation({
  id: "ListJobs",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/jobs",
  summary: "Lists the jobs of a workspace",
  action: "DataArtsFabric:job:list",
  success: 200,
  params: Workspace,
  query: Type.Object({
    offset: Offset,
    limit: Limit,
    name: NamePart,
    id: Type.Optional(Id),
    type: Type.Optional(JobType),
    endpoint_id: Type.Optional(Id),
    sort_by: SortBy,
    order_by: Order,
    create_by_me: Type.Optional(Type.Boolean()),
  }),
  async handle({ params, query, caller: { tenant, userId } }, { lifecycle }) {
    await lifecycle.get(tenant, WORKSPACE, params.workspace_id);
    const ids = query.id ? { ids: [query.id] } : {};
    const all = await lifecycle.list({ kind: JOB, tenant, parents: [params.workspace_id], ...ids });
    const matching = all.filter((one) => {
      const { type, current_endpoint_id } = one.spec as unknown as JobSpec;
      if (query.create_by_me && one.createdBy !== userId) return false;
      if (query.endpoint_id && current_endpoint_id !== query.endpoint_id) return false;
      return fuzzy(one.name, query.name) && (!query.type || type === query.type);
    });
    const page = pageByOffset(sortedAs(matching, query), query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
    const current = await currentVersions(lifecycle, tenant, JOB_VERSION, page);
    const jobs = page.map((one) => jobView(one, current.get(String(one.spec.current_version_id))));
    return { body: { total: matching.length, jobs } };
  },
});

export const updateJob = operation({
  id: "UpdateJob",
  method: "PUT",
  path: "/v1/workspaces/{workspace_id}/jobs/{job_id}",
  summary: "Changes a job, or adds a version to it",
  action: "DataArtsFabric:job:alter",
  success: 200,
  params: Path,
  body: Type.Object({
    name: Type.Optional(Name),
    description: Type.Optional(Description),
    current_version_id: Type.Optional(Id),
    current_endpoint_id: Type.Optional(Id),
    version: Type.Optional(JobVersion),
  }),
  emptyBody: {},
  async handle({ params, body, caller, principal }, { lifecycle, ids }) {
    const { name, description, current_endpoint_id, version } = body;
    const user = userOf(principal);
    return lifecycle.accept(caller, async (accepting) => {
      const job = await getInside(accepting, params.workspace_id, JOB, params.job_id);
      const { type, current_version_id } = job.spec as unknown as JobSpec;
      if (version) mustSuit(type, version);
      if (current_endpoint_id) await getInside(accepting, params.workspace_id, ENDPOINT, current_endpoint_id);
      const added = version && (await addVersion(accepting, job, JOB_VERSION, ids, version, user));
      const asked = body.current_version_id ?? added?.id;
      const current = asked && (await versionOf(accepting, job, JOB_VERSION, asked));
      const spec = {
        update_user: user,
        ...(description === undefined ? {} : { description }),
        ...(current_endpoint_id === undefined ? {} : { current_endpoint_id }),
        ...(current ? { current_version_id: current.id } : {}),
      };
      await accepting.change(job, { spec, ...(name === undefined ? {} : { name }) });
      return { body: { id: job.id, version_id: added?.id ?? (current ? current.id : current_version_id) } };
    });
  },
});

export const deleteJob = operation({
  id: "DeleteJob",
  method: "DELETE",
  path: "/v1/workspaces/{workspace_id}/jobs/{job_id}",
  summary: "Deletes a job, with its versions and ended runs, of which no run goes on",
  action: "DataArtsFabric:job:drop",
  success: 200,
  params: Path,
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) =>
      accepting.submit("delete", await getInside(accepting, params.workspace_id, JOB, params.job_id)),
    );
    return {};
  },
});

export const listJobVersions = operation({
  id: "ListJobVersions",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/jobs/{job_id}/versions",
  summary: "Lists the versions of a job",
  action: "DataArtsFabric:job:list",
  success: 200,
  params: Path,
  query: VersionsQuery,
  async handle({ params, query, caller: { tenant } }, { lifecycle }) {
    const job = await readInside(lifecycle, tenant, params.workspace_id, JOB, params.job_id);
    return { body: await listVersions(lifecycle, job, JOB_VERSION, query) };
  },
});

export const deleteJobVersion = operation({
  id: "DeleteJobVersion",
  method: "DELETE",
  path: "/v1/workspaces/{workspace_id}/jobs/{job_id}/versions/{version_id}",
  summary: "Deletes a version that no run needs",
  action: "DataArtsFabric:job:drop",
  success: 200,
  params: Type.Object({ workspace_id: Id, job_id: Id, version_id: Id }),
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) => {
      const job = await getInside(accepting, params.workspace_id, JOB, params.job_id);
      await accepting.submit("delete", await versionOf(accepting, job, JOB_VERSION, params.version_id));
    });
    return {};
  },
});
