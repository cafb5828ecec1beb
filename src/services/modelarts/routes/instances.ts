import type { Resource } from "../../../lifecycle/index.ts";
import { type House, operation, pageByOffset, sortedBy } from "../../../wire/index.ts";
import { notebookSpec } from "../asked.ts";
import { autoStopOf, keepTimer } from "../auto-stop.ts";
import { catalogueOf } from "../catalogue.ts";
import { AI_PROJECT, CHANGE_WHILE_DELETING_CODE, DEFAULT_WORKSPACE, INSTANCES_MOST, idOf } from "../choices.ts";
import { refused } from "../dialect.ts";
import { NOTEBOOK, type NotebookSpec } from "../notebook.ts";
import { CreateBody, InProject, ListQuery, ModifyBody, OfInstance } from "../schemas.ts";
import { soldOutOf } from "../sold-out.ts";
import { notebookView } from "../view.ts";

const specOf = (notebook: Resource) => notebook.spec as unknown as NotebookSpec;

async function views(notebooks: readonly Resource[], { lifecycle, clock, inventory }: House): Promise<object[]> {
  const soldOut = await soldOutOf(notebooks, lifecycle, catalogueOf(inventory));
  return notebooks.map((one) => notebookView(one, { now: clock.now(), soldOut }));
}

async function view(notebook: Resource, house: House): Promise<object | undefined> {
  return (await views([notebook], house))[0];
}

export const createInstance = operation({
  id: "CreateDevEnvironInstance",
  method: "POST",
  path: "/v1/{project_id}/demanager/instances",
  summary: "Starts creating a notebook instance",
  action: "modelarts:notebook:create",
  success: 200,
  params: InProject,
  body: CreateBody,
  emptyBody: {},
  async handle({ body, caller, principal }, house) {
    const { lifecycle, ids, clock, inventory } = house;
    const spec = notebookSpec(body, catalogueOf(inventory), principal);
    const id = `DE-${ids.uuid1(clock.now())}`;
    const { resource } = await lifecycle.accept(caller, async (accepting) => {
      const created = await accepting.create({ kind: NOTEBOOK, id, name: body.name, unique: true, spec });
      await accepting.alone(NOTEBOOK);
      const all = await accepting.list({ kind: NOTEBOOK });
      if (all.length > INSTANCES_MOST) throw refused("6302", String(INSTANCES_MOST));
      return created;
    });
    return { body: await view(resource, house) };
  },
});

export const listInstances = operation({
  id: "ListDevEnvironInstances",
  method: "GET",
  path: "/v1/{project_id}/demanager/instances",
  summary: "Lists notebook instances",
  action: "modelarts:notebook:list",
  success: 200,
  params: InProject,
  query: ListQuery,
  async handle({ query, caller }, house) {
    const { status, sortby = "name", order = "asc", offset = 0, limit = 0, show_self = "true" } = query;
    const { workspace_id = DEFAULT_WORKSPACE, ai_project = AI_PROJECT, pool_id } = query;
    const states = status === undefined ? {} : { states: [status] };
    const all = await house.lifecycle.list({
      kind: NOTEBOOK,
      tenant: caller.tenant,
      ...states,
      gone: status === "DELETED",
    });
    const matching = all.filter(
      (one) =>
        (show_self === "false" || one.createdBy === caller.userId) &&
        specOf(one).workspace_id === workspace_id &&
        ai_project === AI_PROJECT &&
        (pool_id === undefined || specOf(one).pool?.id === pool_id),
    );
    const sorted = sortedBy(matching, (one) => (sortby === "name" ? one.name : one.createdAt), order);
    const page = pageByOffset(sorted, offset, limit);
    return { body: { total_count: matching.length, instances: await views(page, house) } };
  },
});

export const showInstance = operation({
  id: "ShowDevEnvironInstance",
  method: "GET",
  path: "/v1/{project_id}/demanager/instances/{instance_id}",
  summary: "Shows a notebook instance",
  action: "modelarts:notebook:get",
  success: 200,
  params: OfInstance,
  async handle({ params, caller }, house) {
    return { body: await view(await house.lifecycle.get(caller.tenant, NOTEBOOK, idOf(params.instance_id)), house) };
  },
});

export const modifyInstance = operation({
  id: "UpdateDevEnvironInstance",
  method: "PUT",
  path: "/v1/{project_id}/demanager/instances/{instance_id}",
  summary: "Changes a notebook instance's description or auto-stop timer",
  action: "modelarts:notebook:update",
  success: 200,
  params: OfInstance,
  body: ModifyBody,
  emptyBody: {},
  async handle({ params, body, caller }, house) {
    const { description, spec: { auto_stop: asked } = {} } = body;
    if (asked) autoStopOf(asked);
    const changed = await house.lifecycle.accept(caller, async (accepting) => {
      const found = await accepting.get(NOTEBOOK, idOf(params.instance_id));
      if (found.state === "DELETING") throw refused(CHANGE_WHILE_DELETING_CODE, asked ? "auto_stop" : "description");
      const spec = {
        ...(description === undefined ? {} : { description }),
        ...(asked ? { auto_stop: autoStopOf(asked, specOf(found).auto_stop) } : {}),
      };
      return accepting.change(found, { spec, facts: asked ? keepTimer(found) : {} });
    });
    return { body: await view(changed, house) };
  },
});

export const deleteInstance = operation({
  id: "DeleteDevEnvironInstance",
  method: "DELETE",
  path: "/v1/{project_id}/demanager/instances/{instance_id}",
  summary: "Starts deleting a notebook instance that is not running",
  action: "modelarts:notebook:delete",
  success: 200,
  params: OfInstance,
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) =>
      accepting.submit("delete", await accepting.get(NOTEBOOK, idOf(params.instance_id))),
    );
    return { body: { instance_id: params.instance_id } };
  },
});
