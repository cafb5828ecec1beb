import { Type } from "typebox";
import type { Accepting, Resource } from "../../../lifecycle/index.ts";
import { type Call, type House, operation, pageByOffset } from "../../../wire/index.ts";
import { catalogueOf } from "../catalogue.ts";
import { refused } from "../dialect.ts";
import { familiesOf, readFamily } from "../family.ts";
import { instanceDetail, instanceItem } from "../instance-view.ts";
import { JOBS } from "../jobs.ts";
import { INSTANCE, NODE, PROXY } from "../kinds.ts";
import { ListFilter, type ListQuery, matches, readFilter } from "../list-filter.ts";
import { startedAs } from "../order.ts";
import { DEFAULT_LIMIT, InInstance, InProject, isInstanceId } from "../schemas.ts";
import type { ViewContext } from "../view-context.ts";

const contextOf = ({ language }: Call, { region, inventory }: House, unified: boolean): ViewContext => ({
  catalogue: catalogueOf(inventory),
  region,
  language,
  unified,
});

const ACTION = "gaussdb:instance:list";

async function list(call: Call<unknown, ListQuery>, house: House, unified: boolean) {
  const { query, caller } = call;
  const filter = readFilter(query);
  const ids = query.id === undefined ? {} : { ids: [query.id].filter(isInstanceId) };
  const instances = await house.lifecycle.list({ kind: INSTANCE, tenant: caller.tenant, ...ids });
  const families = await familiesOf(house.lifecycle, caller.tenant, instances);
  const matching = families.filter((one) => matches(one, filter));
  const page = pageByOffset(matching, query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
  const context = contextOf(call, house, unified);
  return { body: { instances: page.map((one) => instanceItem(one, context)), total_count: matching.length } };
}

async function show(call: Call<{ instance_id: string }>, house: House, unified: boolean) {
  const family = await readFamily(house.lifecycle, call.caller.tenant, call.params.instance_id);
  return { body: { instance: instanceDetail(family, contextOf(call, house, unified)) } };
}

/** At most this many at once. */
const DETAILS_MOST = 20;
const Details = Type.Object({ instance_ids: Type.String({ maxLength: 1024 }) });

/** What does not exist is left out of the answer. */
async function details(call: Call<unknown, { instance_ids: string }>, house: House, unified: boolean) {
  const ids = [...new Set(call.query.instance_ids.split(",").map((id) => id.trim()))];
  if (ids.length > DETAILS_MOST) throw refused("280001");
  if (!ids.every(isInstanceId)) throw refused("280404");
  const { tenant } = call.caller;
  const instances = await house.lifecycle.list({ kind: INSTANCE, tenant, ids });
  const families = await familiesOf(house.lifecycle, tenant, instances);
  return { body: { instances: families.map((one) => instanceDetail(one, contextOf(call, house, unified))) } };
}

export const listGaussMySqlInstances = operation({
  id: "ListGaussMySqlInstances",
  method: "GET",
  path: "/v3/{project_id}/instances",
  summary: "Lists databases",
  action: ACTION,
  success: 200,
  params: InProject,
  query: ListFilter,
  handle: (call, house) => list(call, house, false),
});

export const listGaussMySqlInstancesUnifyStatus = operation({
  id: "ListGaussMySqlInstancesUnifyStatus",
  method: "GET",
  path: "/v3.1/{project_id}/instances",
  summary: "Lists databases, with unified statuses",
  action: ACTION,
  success: 200,
  params: InProject,
  query: ListFilter,
  handle: (call, house) => list(call, house, true),
});

export const listGaussMySqlInstanceDetailInfo = operation({
  id: "ListGaussMySqlInstanceDetailInfo",
  method: "GET",
  path: "/v3/{project_id}/instances/details",
  summary: "Shows several databases",
  action: ACTION,
  success: 200,
  params: InProject,
  query: Details,
  handle: (call, house) => details(call, house, false),
});

export const listGaussMySqlInstanceDetailInfoUnifyStatus = operation({
  id: "ListGaussMySqlInstanceDetailInfoUnifyStatus",
  method: "GET",
  path: "/v3.1/{project_id}/instances/details",
  summary: "Shows several databases, with unified statuses",
  action: ACTION,
  success: 200,
  params: InProject,
  query: Details,
  handle: (call, house) => details(call, house, true),
});

export const showGaussMySqlInstanceInfo = operation({
  id: "ShowGaussMySqlInstanceInfo",
  method: "GET",
  path: "/v3/{project_id}/instances/{instance_id}",
  summary: "Shows a database with its nodes and proxies",
  action: ACTION,
  success: 200,
  params: InInstance,
  handle: (call, house) => show(call, house, false),
});

export const showGaussMySqlInstanceInfoUnifyStatus = operation({
  id: "ShowGaussMySqlInstanceInfoUnifyStatus",
  method: "GET",
  path: "/v3.1/{project_id}/instances/{instance_id}",
  summary: "Shows a database with its nodes and proxies, with unified statuses",
  action: ACTION,
  success: 200,
  params: InInstance,
  handle: (call, house) => show(call, house, true),
});

export const deleteGaussMySqlInstance = operation({
  id: "DeleteGaussMySqlInstance",
  method: "DELETE",
  path: "/v3/{project_id}/instances/{instance_id}",
  summary: "Starts deleting a database with its proxies and nodes, as one job",
  action: "gaussdb:instance:delete",
  success: 200,
  params: InInstance,
  async handle({ params, caller }, { lifecycle }) {
    const answer = await lifecycle.accept(caller, async (accepting) => {
      const instance = await accepting.get(INSTANCE, params.instance_id);
      const label = JOBS.deleteInstance;
      const { operation: job, again } = await accepting.submit("delete", instance, { label });
      if (again) await deleteWhatStopped(accepting, instance, job.jobId);
      return startedAs(instance, job.jobId);
    });
    return { body: answer };
  },
});

/** Asked again, the deletion goes on with every proxy and node whose own deletion has failed. */
async function deleteWhatStopped(accepting: Accepting, instance: Resource, jobId: string): Promise<void> {
  const children = await accepting.list({ kind: [PROXY, NODE], parents: [instance.id] });
  for (const { kind, id, error } of children) {
    if (error !== null) await accepting.submit("delete", await accepting.get(kind, id), { jobId });
  }
}
