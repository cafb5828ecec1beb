import { Type } from "typebox";
import { operation } from "../../../wire/index.ts";
import { getAll, someIds } from "../batch.ts";
import { batchName, CREATE_STATUS, DEFAULT_COUNT, ID_PATTERN, LIST_TERMINATED } from "../choices.ts";
import { deploy, type Placement } from "../deploy.ts";
import { refuse } from "../dialect.ts";
import { instanceView, statusView } from "../instance-view.ts";
import { INSTANCE } from "../names.ts";
import { onePage } from "../pages.ts";
import { checkPassword } from "../password.ts";
import {
  IdSet,
  INSTANCE_STATES,
  Limit,
  Marker,
  MOST_NICS,
  Nic,
  OneOf,
  Project,
  Subnet,
  Uuid,
  Wanted,
} from "../schemas.ts";

export const createInstance = operation({
  id: "CreateInstance",
  method: "POST",
  path: "/v1/{project_id}/instances",
  summary: "Starts deploying an instance on a server",
  action: "clouddc:instance:create",
  success: CREATE_STATUS,
  params: Project,
  body: Type.Object({
    ...Wanted,
    network_interfaces: Type.Array(Nic, { minItems: 1, maxItems: MOST_NICS }),
    placement: Type.Optional(Type.Object({ server_id: Type.Optional(Uuid) })),
  }),
  emptyBody: {},
  async handle({ body, caller }, { lifecycle, ids }) {
    const { name, image_id, vpc_id, network_interfaces: interfaces, metadata = {}, description = "" } = body;
    checkPassword(body.password);
    const server = body.placement?.server_id;
    const placement: Placement = server ? { named: [server] } : { min: 1, max: 1 };
    const wanted = { names: () => [name], image_id, vpc_id, interfaces, metadata, description };
    const [made] = await lifecycle.accept(caller, (accepting) => deploy(accepting, ids, placement, wanted));
    return { body: { instance_id: made?.id } };
  },
});

const Count = Type.Optional(Type.Integer({ minimum: 1, maximum: 100 }));

export const runInstances = operation({
  id: "RunInstances",
  method: "POST",
  path: "/v1/{project_id}/instances/batch-create",
  summary: "Starts deploying several instances, or none",
  action: "clouddc:instance:createBatch",
  success: CREATE_STATUS,
  params: Project,
  body: Type.Object({
    ...Wanted,
    network_interfaces: Type.Array(Subnet, { minItems: 1, maxItems: MOST_NICS }),
    placement: Type.Optional(Type.Object({ server_id_set: Type.Optional(Type.Array(Uuid, { maxItems: 100 })) })),
    min_count: Count,
    max_count: Count,
  }),
  emptyBody: {},
  async handle({ body, caller }, { lifecycle, ids }) {
    const { name, image_id, vpc_id, metadata = {}, description = "" } = body;
    checkPassword(body.password);
    const { min_count: min = DEFAULT_COUNT, max_count: max = min } = body;
    if (min > max) throw refuse.value(`min_count ${min} is above max_count ${max}`);
    const named = body.placement?.server_id_set ?? [];
    const placement: Placement = named.length > 0 ? { named } : { min, max };
    const interfaces = body.network_interfaces.map(({ subnet_id }) => ({ subnet_id }));
    const names = (count: number) =>
      count === 1 ? [name] : Array.from({ length: count }, (_, index) => batchName(name, index));
    const wanted = { names, image_id, vpc_id, interfaces, metadata, description };
    const made = await lifecycle.accept(caller, (accepting) => deploy(accepting, ids, placement, wanted));
    return { body: { instances: made.map(({ id }) => ({ id })) } };
  },
});

const ID = new RegExp(ID_PATTERN);
const FILTER_MOST = 100;

/** The ids of a comma-separated filter, or undefined without one. */
function filterOf(field: string, text: string | undefined): string[] | undefined {
  if (!text) return undefined;
  const ids = text.split(",").map((id) => id.trim());
  if (ids.length > FILTER_MOST) throw refuse.value(`${field} has ${ids.length} ids and may have ${FILTER_MOST}`);
  if (!ids.every((id) => ID.test(id))) throw refuse.value(`${field} must be ids with commas between them`);
  return ids;
}

export const listInstances = operation({
  id: "ListInstances",
  method: "GET",
  path: "/v1/{project_id}/instances",
  summary: "Lists instances",
  action: "clouddc:instance:list",
  success: 200,
  params: Project,
  query: Type.Object({
    limit: Limit,
    marker: Marker,
    instance_state: Type.Optional(Type.Enum([...INSTANCE_STATES])),
    instance_id: Type.Optional(Type.String({ maxLength: 4096 })),
    server_id: Type.Optional(Type.String({ maxLength: 4096 })),
  }),
  async handle({ query, caller }, { lifecycle }) {
    const ids = filterOf("instance_id", query.instance_id);
    const parents = filterOf("server_id", query.server_id);
    if (ids && parents) throw refuse.value("instance_id and server_id exclude each other");
    const { instance_state: state } = query;
    const gone = LIST_TERMINATED || state === "terminated" || ids !== undefined;
    const states = state ? { states: [state] } : {};
    const all = await lifecycle.list({ kind: INSTANCE, tenant: caller.tenant, gone, ids, parents, ...states });
    const { page, page_info } = onePage(all, query);
    return { body: { instances: page.map(instanceView), page_info, count: all.length } };
  },
});

export const showInstanceStatus = operation({
  id: "ShowInstanceStatus",
  method: "GET",
  path: "/v1/{project_id}/instances/{id}/status",
  summary: "Shows where an instance stands; a terminated one too, for as long as it is kept",
  action: "clouddc:instance:get",
  success: 200,
  params: OneOf,
  async handle({ params, caller }, { lifecycle }) {
    return { body: statusView(await lifecycle.get(caller.tenant, INSTANCE, params.id, { gone: true })) };
  },
});

export const deleteInstance = operation({
  id: "DeleteInstance",
  method: "DELETE",
  path: "/v1/{project_id}/instances/{id}",
  summary: "Starts deleting an instance",
  action: "clouddc:instance:delete",
  success: 204,
  params: OneOf,
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) =>
      accepting.submit("delete", await accepting.get(INSTANCE, params.id)),
    );
    return {};
  },
});

export const deleteInstances = operation({
  id: "DeleteInstances",
  method: "POST",
  path: "/v1/{project_id}/instances/batch-delete",
  summary: "Starts deleting several instances, or none",
  action: "clouddc:instance:deleteBatch",
  success: 202,
  params: Project,
  body: Type.Object({ instance_id_set: IdSet }),
  emptyBody: {},
  async handle({ body, caller }, { lifecycle, ids }) {
    const named = someIds("instance_id_set", body.instance_id_set);
    const found = await lifecycle.accept(caller, async (accepting) => {
      const instances = await getAll(accepting, INSTANCE, named);
      const jobId = ids.uuid();
      for (const one of instances) await accepting.submit("delete", one, { jobId });
      return instances;
    });
    return { body: { instances: found.map(({ id }) => ({ id })) } };
  },
});
