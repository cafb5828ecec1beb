import { type Static, Type } from "typebox";
import { EVENT_TYPES, type EventFilter, listEvents } from "../../lifecycle/index.ts";
import { type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";
import { eventView } from "../event-streams.ts";
import { Id, Limit, MANY, Place } from "../schemas.ts";

const filters = {
  resource_id: Type.Optional(Id),
  operation_id: Type.Optional(Id),
  tenant: Type.Optional(Id),
  type: Type.Optional(Type.Union(EVENT_TYPES.map((type) => Type.Literal(type)))),
};
const Filter = Type.Object(filters);
const after = Place("Only what happened after the event with this `seq`");

const toFilter = ({ resource_id: resourceId, operation_id: operationId, tenant, type }: Static<typeof Filter>) =>
  ({ resourceId, operationId, tenant, type }) satisfies EventFilter;

/** Where a client was when it lost the stream, by the header that it sends of its own accord. */
function lastSeen(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === "") return undefined;
  if (typeof header === "string" && /^[0-9]{1,15}$/.test(header)) return Number(header);
  throw refuse.invalid("header Last-Event-ID must be the id of an event", "leave it out, or give the last id you saw");
}

export const eventRoutes = ({ store, events }: Desk): Operation[] => [
  operation({
    id: "ListEvents",
    method: "GET",
    path: "/ebb/v1/events",
    summary: "What happened, oldest first",
    action: null,
    access: "operator",
    success: 200,
    query: Type.Object(
      {
        ...filters,
        after,
        tail: Type.Optional(Type.Boolean({ description: "The last ones, up to `limit`, instead of the first" })),
        limit: Limit,
      },
      { additionalProperties: false },
    ),
    handle: async ({ query }) => {
      const { limit = MANY, after: from = 0, tail = false } = query;
      const upTo = await events.horizon.reach();
      const range = { after: from, upTo, limit: limit + 1, tail };
      const found = await store.read((session) => listEvents(session, toFilter(query), range));
      const more = found.length > limit;
      const page = tail ? found.slice(-limit) : found.slice(0, limit);
      const next = more && !tail ? String(page.at(-1)?.seq) : null;
      // Whoever has seen this page, and goes on from there, has missed nothing.
      return { body: { events: page.map(eventView), next, up_to: upTo } };
    },
  }),
  operation({
    id: "StreamEvents",
    method: "GET",
    path: "/ebb/v1/events/stream",
    summary: "What happens from now on, or after a place, as server-sent events",
    action: null,
    access: "operator",
    unhurried: true,
    success: 200,
    query: Type.Object({ ...filters, after }, { additionalProperties: false }),
    handle: async ({ query, headers }) => {
      const from = lastSeen(headers["last-event-id"]) ?? query.after;
      const stream = await events.open(toFilter(query), from);
      if (!stream) throw refuse.tooMany(`${events.most} event streams are open, which is as many as may be`);
      return {
        body: stream,
        headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
      };
    },
  }),
];
