import { type Static, Type } from "typebox";
import {
  type Asked,
  listTeardowns,
  PLAN_MOST,
  type Resource,
  type ResourceError,
  type Operation as Running,
  readTeardown,
  type StandingItem,
  teardownSpec,
} from "../../lifecycle/index.ts";
import { isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";
import { Id, Limit, MANY } from "../schemas.ts";
import { rehearsalView } from "./plan-view.ts";

const Body = Type.Object(
  {
    ids: Type.Optional(
      Type.Array(Id, { minItems: 1, maxItems: PLAN_MOST, description: "Resources; each with everything inside" }),
    ),
    project: Type.Optional(Type.String({ ...Id, description: "Everything in this project" })),
    inside: Type.Optional(
      Type.Boolean({ description: "false: only what is named by its id, and nothing inside of it" }),
    ),
  },
  { additionalProperties: false },
);

/** @throws a refusal when the body asks for nothing, or for two things at once */
async function askedIn({ ids, project, inside = true }: Static<typeof Body>, desk: Desk): Promise<Asked> {
  if (ids && project === undefined) return { ids: [...new Set(ids)], inside };
  if (project === undefined || ids) throw refuse.invalid("body needs either ids or project", "name one of the two");
  if (!inside) throw refuse.invalid("a project goes with everything inside", "leave inside out, or name ids");
  if (!(await desk.knowsProject(project)))
    throw refuse.notFound(`there is no project ${project}`, "it is the id of a project, not its name");
  return { project, inside };
}

const errorView = (error: ResourceError): object => ({ ...error, at: isoMillis(error.at) });

function itemView(item: StandingItem): object {
  const { id, kind, name, tenant, standing, state, after, error, waitingFor, stuck, takesAlong } = item;
  return {
    id,
    kind,
    name,
    tenant,
    standing,
    state,
    after,
    takes_along: takesAlong,
    ...(waitingFor === null ? {} : { waiting_for: waitingFor }),
    ...(error === null ? {} : { error: errorView(error) }),
    ...(stuck.length === 0
      ? {}
      : { stuck: stuck.map(({ thing }) => ({ id: thing.id, error: thing.error && errorView(thing.error) })) }),
  };
}

function briefView(teardown: Resource): object {
  const { asked, items } = teardownSpec(teardown);
  return {
    id: teardown.id,
    name: teardown.name,
    state: teardown.state,
    asked,
    items: items.length,
    created_at: isoMillis(teardown.createdAt),
    ended_at: teardown.goneAt === null ? null : isoMillis(teardown.goneAt),
  };
}

/** The teardown's own operation says what it waits for, and since when. */
function detailView(teardown: Resource, items: readonly StandingItem[], running: Running | undefined): object {
  const stages: object[][] = [];
  const counts: Record<string, number> = { gone: 0, deleting: 0, waiting: 0, ready: 0, failed: 0, frozen: 0 };
  for (const item of items) {
    (stages[item.stage] ??= []).push(itemView(item));
    counts[item.standing] = (counts[item.standing] ?? 0) + 1;
  }
  const stopped = running?.state === "running" ? running.answer : (running?.error ?? null);
  return {
    ...briefView(teardown),
    operation_id: running?.id ?? null,
    counts,
    answer: stopped,
    next_look_at: running?.state === "running" ? isoMillis(running.dueAt) : null,
    stages: stages.map((stage) => stage ?? []),
  };
}

async function shown({ lifecycle, store }: Desk, id: string): Promise<object> {
  const { teardown, items } = await store.read((session) => readTeardown(session, id));
  return detailView(teardown, items, (await lifecycle.operations(id)).at(-1));
}

const rehearseIt = (desk: Desk) =>
  operation({
    id: "Rehearse",
    method: "POST",
    path: "/ebb/v1/rehearsals",
    summary: "The plan of a teardown and all that would be refused; nothing is changed",
    action: null,
    access: "operator",
    unhurried: true,
    success: 200,
    body: Body,
    handle: async ({ body, requestId }) => ({
      body: rehearsalView(await desk.lifecycle.rehearse(await askedIn(body, desk), requestId)),
    }),
  });

const startIt = (desk: Desk) =>
  operation({
    id: "StartTeardown",
    method: "POST",
    path: "/ebb/v1/teardowns",
    summary: "Deletes all of it in order, as one durable operation; asked again, it is the same one",
    action: null,
    access: "operator",
    unhurried: true,
    success: 202,
    body: Body,
    async handle({ body, requestId }) {
      const { teardown, again } = await desk.lifecycle.tearDown(await askedIn(body, desk), requestId);
      return { body: { ...(await shown(desk, teardown.id)), again } };
    },
  });

const showIt = (desk: Desk) =>
  operation({
    id: "ShowTeardown",
    method: "GET",
    path: "/ebb/v1/teardowns/{id}",
    summary: "A teardown, and where each of its deletes stands",
    action: null,
    access: "operator",
    success: 200,
    params: Type.Object({ id: Id }),
    handle: async ({ params }) => ({ body: await shown(desk, params.id) }),
  });

const listThem = ({ store }: Desk) =>
  operation({
    id: "ListTeardowns",
    method: "GET",
    path: "/ebb/v1/teardowns",
    summary: "Teardowns, newest first",
    action: null,
    access: "operator",
    success: 200,
    query: Type.Object(
      {
        limit: Limit,
        cursor: Type.Optional(Type.String({ pattern: "^[0-9]{1,15}$", description: "`next` of the page before" })),
      },
      { additionalProperties: false },
    ),
    async handle({ query: { limit = MANY, cursor } }) {
      const before = cursor === undefined ? undefined : Number(cursor);
      const found = await store.read((session) => listTeardowns(session, limit + 1, before));
      const page = found.slice(0, limit);
      const next = found.length > limit ? String(page.at(-1)?.seq) : null;
      return { body: { teardowns: page.map(briefView), next } };
    },
  });

export const teardownRoutes = (desk: Desk): Operation[] => [
  rehearseIt(desk),
  startIt(desk),
  listThem(desk),
  showIt(desk),
];
