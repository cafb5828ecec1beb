import { Type } from "typebox";
import { type Accepting, type Resource, WrongState } from "../../../lifecycle/index.ts";
import { fuzzy, operation, pageByOffset, sortedBy } from "../../../wire/index.ts";
import { JOB_NAME_MOST, RUN_ENDPOINTS } from "../choices.ts";
import { refused } from "../dialect.ts";
import { ENDPOINT, type EndpointSpec } from "../endpoint.ts";
import { getInside, readInside } from "../inside.ts";
import { JOB, JOB_TYPES, JOB_VERSION, type JobSpec } from "../job.ts";
import { type JobConfig, runOf, waitsForNone } from "../job-asked.ts";
import { hasEnded, RUN, RUN_STATUSES, type RunSpec, runBrief, runDetail, runsOn, specOf, workedFor } from "../run.ts";
import { DEFAULT_LIMIT, Id, Limit, NamePart, nameUpTo, Offset, Order } from "../schemas.ts";
import { userOf } from "../users.ts";
import { versionOf } from "../versions.ts";
import { WORKSPACE } from "../workspace.ts";

const Workspace = Type.Object({ workspace_id: Id });
const Path = Type.Object({ workspace_id: Id, run_id: Id });

/** An endpoint in this workspace on which a run can start. */
async function endpointFor(accepting: Accepting, workspaceId: string, id: string): Promise<Resource> {
  const endpoint = await getInside(accepting, workspaceId, ENDPOINT, id);
  const { type } = endpoint.spec as unknown as EndpointSpec;
  if (!RUN_ENDPOINTS.includes(type)) {
    throw refused(`endpoint ${id} is of type ${type}: jobs run on ${RUN_ENDPOINTS.join(", ")}`);
  }
  if (endpoint.state !== "RUNNING") throw new WrongState(ENDPOINT, id, "run", endpoint.state, ["RUNNING"]);
  return endpoint;
}

export const runJob = operation({
  id: "RunJob",
  method: "POST",
  path: "/v1/workspaces/{workspace_id}/jobs/runs",
  summary: "Starts a run of a job on an endpoint",
  action: "DataArtsFabric:job:run",
  success: 200,
  params: Workspace,
  body: Type.Object({
    job: Type.Object({ id: Id, version_id: Type.Optional(Id) }),
    name: nameUpTo(JOB_NAME_MOST),
    endpoint_id: Id,
  }),
  async handle({ params: { workspace_id }, body, caller, principal }, { lifecycle, ids }) {
    return lifecycle.accept(caller, async (accepting) => {
      const job = await getInside(accepting, workspace_id, JOB, body.job.id);
      const version = await versionOf(accepting, job, JOB_VERSION, body.job.version_id);
      const endpoint = await endpointFor(accepting, workspace_id, body.endpoint_id);
      const config = version.spec.config as JobConfig;
      const asked = runOf(config, (endpoint.spec as unknown as EndpointSpec).compute.spec_code);
      const going = (await accepting.list({ kind: RUN, parents: [job.id] })).filter((one) => !hasEnded(one));
      if (waitsForNone(config) && going.length >= asked.at_once) {
        throw refused(`job ${job.id} has ${going.length} of ${asked.at_once} runs at a time, and does not queue`);
      }
      const spec: RunSpec = {
        workspace_id,
        job: { id: job.id, version_id: version.id },
        endpoint_id: endpoint.id,
        type: (job.spec as unknown as JobSpec).type,
        create_user: userOf(principal),
        ...asked,
      };
      const links = [
        { target: endpoint.id, role: "endpoint" },
        { target: version.id, role: "version" },
      ];
      const birth = { kind: RUN, id: ids.uuid(), parentId: job.id, name: body.name, spec, links };
      const { resource: run } = await accepting.create(birth);
      return { body: { id: run.id } };
    });
  },
});

export const listJobRuns = operation({
  id: "ListJobRuns",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/jobs/runs",
  summary: "Lists the runs of a workspace",
  action: "DataArtsFabric:job:listJobInstance",
  success: 200,
  params: Workspace,
  query: Type.Object({
    offset: Offset,
    limit: Limit,
    id: Type.Optional(Id),
    name: NamePart,
    job_id: Type.Optional(Id),
    endpoint_id: Type.Optional(Id),
    version_id: Type.Optional(Id),
    status: Type.Optional(Type.Enum([...RUN_STATUSES])),
    type: Type.Optional(Type.Enum([...JOB_TYPES])),
    sort_by: Type.Optional(Type.Enum(["CREATE_TIME", "DURATION"])),
    order_by: Order,
  }),
  async handle({ params, query, caller: { tenant } }, { lifecycle, clock }) {
    await lifecycle.get(tenant, WORKSPACE, params.workspace_id);
    const ids = query.id ? { ids: [query.id] } : {};
    const parents = query.job_id ? { parents: [query.job_id] } : {};
    const states = query.status ? { states: [query.status] } : {};
    const all = await lifecycle.list({ kind: RUN, tenant, ...ids, ...parents, ...states });
    const matching = all.filter((one) => {
      const { workspace_id, endpoint_id, job, type } = specOf(one);
      if (workspace_id !== params.workspace_id) return false;
      if (query.endpoint_id && endpoint_id !== query.endpoint_id) return false;
      if (query.version_id && job.version_id !== query.version_id) return false;
      return fuzzy(one.name, query.name) && (!query.type || type === query.type);
    });
    const now = clock.now();
    const order = query.order_by === "ASC" ? "asc" : "desc";
    const byDuration = (one: Resource) => (query.sort_by === "DURATION" ? workedFor(one, now) : one.seq);
    const page = pageByOffset(sortedBy(matching, byDuration, order), query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
    return { body: { total: matching.length, job_runs: page.map((one) => runBrief(one, now)) } };
  },
});

export const showJobRunDetail = operation({
  id: "ShowJobRunDetail",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/jobs/runs/{run_id}",
  summary: "Shows a run",
  action: "DataArtsFabric:job:showJobInstance",
  success: 200,
  params: Path,
  async handle({ params, caller: { tenant } }, { lifecycle, clock }) {
    const found = await readInside(lifecycle, tenant, params.workspace_id, RUN, params.run_id);
    return { body: runDetail(found, clock.now()) };
  },
});

export const cancelJobRun = operation({
  id: "CancelJobRun",
  method: "POST",
  path: "/v1/workspaces/{workspace_id}/jobs/runs/{run_id}/cancel",
  summary: "Stops a run that goes on",
  action: "DataArtsFabric:job:cancelJobInstance",
  success: 200,
  params: Path,
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) => {
      const run = await getInside(accepting, params.workspace_id, RUN, params.run_id);
      if (run.state !== "STOPPING") await accepting.submit("cancel", run);
    });
    return {};
  },
});

export const deleteJobRun = operation({
  id: "DeleteJobRun",
  method: "DELETE",
  path: "/v1/workspaces/{workspace_id}/jobs/runs/{run_id}",
  summary: "Deletes a run; one that goes on is stopped first",
  action: "DataArtsFabric:job:dropJobInstance",
  success: 200,
  params: Path,
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) =>
      accepting.submit("delete", await getInside(accepting, params.workspace_id, RUN, params.run_id)),
    );
    return {};
  },
});

export const clearJobRun = operation({
  id: "ClearJobRun",
  method: "DELETE",
  path: "/v1/workspaces/{workspace_id}/endpoints/{endpoint_id}/jobs/runs",
  summary: "Deletes all runs of an endpoint",
  action: "DataArtsFabric:job:dropJobInstance",
  success: 200,
  params: Type.Object({ workspace_id: Id, endpoint_id: Id }),
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) => {
      const endpoint = await getInside(accepting, params.workspace_id, ENDPOINT, params.endpoint_id);
      for (const { id } of await runsOn(accepting, endpoint.id)) {
        await accepting.submit("delete", await accepting.get(RUN, id));
      }
    });
    return {};
  },
});
