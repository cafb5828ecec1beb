import { Type } from "typebox";
import { type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";
import { mustBeOperation, mustBeService } from "../names.ts";
import type { Recorded } from "../requests/log.ts";
import { requestView } from "../requests/view.ts";
import { Id, Limit, MANY } from "../schemas.ts";

const PATH = "/ebb/v1/requests";
const shape = { action: null, access: "operator" } as const;

const Filter = Type.Object(
  {
    limit: Limit,
    service: Type.Optional(Type.String({ maxLength: 128 })),
    operation: Type.Optional(Type.String({ maxLength: 128 })),
    tenant: Type.Optional(Id),
    status: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
    method: Type.Optional(Type.Enum(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"])),
    since: Type.Optional(
      Type.String({ maxLength: 40, description: "After the request of this number, or from this time on (ISO 8601)" }),
    ),
  },
  { additionalProperties: false },
);

/** What `since` means: a number counts requests, a time is Ebb's own. */
function sinceOf(since: string): (one: Recorded) => boolean {
  if (/^\d{1,15}$/.test(since)) return ({ number }) => number > Number(since);
  const from = /^\d{4}-\d\d-\d\dT/.test(since) ? Date.parse(since) : Number.NaN;
  if (Number.isNaN(from))
    throw refuse.invalid(`since ${since} is neither a number nor a time`, "as in 41, or 2026-01-05T08:00:00Z");
  return ({ at }) => at >= from;
}

export const requestRoutes = ({ requests, services }: Desk): Operation[] => [
  operation({
    ...shape,
    id: "ListRequests",
    method: "GET",
    path: PATH,
    summary: "The last requests of the cloud's wire and their answers, without secrets, oldest first",
    success: 200,
    query: Filter,
    handle: async ({ query }) => {
      const { limit = MANY, tenant, status, method, since } = query;
      const named = query.service === undefined ? undefined : mustBeService(services, query.service);
      const op = query.operation === undefined ? undefined : mustBeOperation(services, query.operation, named).op.id;
      const after = since === undefined ? () => true : sinceOf(since);
      const fits = (one: Recorded): boolean =>
        (!named || one.service === named.name) &&
        (op === undefined || one.operation === op) &&
        (tenant === undefined || one.tenant === tenant) &&
        (status === undefined || one.status === status) &&
        (method === undefined || one.method === method) &&
        after(one);
      const all = requests.list();
      const found = all.filter(fits);
      // Without a start the newest are asked for; with one, what follows it.
      const page = since === undefined ? found.slice(-limit) : found.slice(0, limit);
      const more = since !== undefined && found.length > page.length;
      return {
        body: {
          requests: page.map(requestView),
          next: more ? String(page.at(-1)?.number) : null,
          last: requests.count,
          forgotten: requests.count - all.length,
        },
      };
    },
  }),
  operation({
    ...shape,
    id: "ClearRequests",
    method: "DELETE",
    path: PATH,
    summary: "Forgets the requests",
    success: 200,
    handle: async () => ({ body: { cleared: requests.clear() } }),
  }),
];
