import { Type } from "typebox";
import { type Leak, type NotAccepted, type Reclaimed, Refused } from "../../lifecycle/index.ts";
import { isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { Id, Limit, MANY, Place } from "../schemas.ts";

const REFS_AT_ONCE = 200;

const Ref = Type.String({ minLength: 1, maxLength: 300 });

/** The call that clears a leak. */
function clearing({ why, ref, live, resourceId, reclaim }: Leak): object {
  const path = "/ebb/v1/leaks/reclaim";
  const call = { method: "POST", path, body: { refs: [ref] }, command: `ebb leaks reclaim ${ref}` };
  if (reclaim?.state === "running") return { ...call, after: `operation ${reclaim.operationId} is at it already` };
  if (why === "skipped" && live) return { ...call, after: `the delete of ${resourceId} has ended` };
  return call;
}

function leakView(leak: Leak): object {
  const { why, domain, type, ref, since, reason, kind, tenant, state, step, reclaim } = leak;
  return {
    why,
    domain,
    type,
    ref,
    since: since === null ? null : isoMillis(since),
    reason,
    resource_id: leak.resourceId,
    kind,
    tenant,
    state,
    operation_id: leak.operationId,
    step,
    reclaim: reclaim && { operation_id: reclaim.operationId, state: reclaim.state, reason: reclaim.reason },
    clear: clearing(leak),
  };
}

const list = ({ lifecycle }: Desk): Operation =>
  operation({
    id: "ListLeaks",
    method: "GET",
    path: "/ebb/v1/leaks",
    summary: "Real things that nobody is taking away, with the call that clears each",
    action: null,
    access: "operator",
    success: 200,
    unhurried: true,
    query: Type.Object(
      {
        tenant: Type.Optional(Id),
        after: Place("`next` of the page before"),
        limit: Limit,
      },
      { additionalProperties: false },
    ),
    handle: async ({ query }) => {
      const { limit = MANY, tenant, after } = query;
      const { leaks, next, unseen } = await lifecycle.leaks({ tenant, after, limit });
      return { body: { leaks: leaks.map(leakView), next, unseen } };
    },
  });

const why = (error: NotAccepted): object => ({
  message: error.message,
  ...(error instanceof Refused ? { hint: error.hint } : {}),
});

const startedView = ({ refs, resourceId, ...how }: Reclaimed): object => {
  if ("refused" in how) return { refs, resource_id: resourceId, refused: why(how.refused) };
  const { id, verb, state } = how.operation;
  return { refs, resource_id: resourceId, operation_id: id, verb, state, again: how.again };
};

const reclaim = ({ lifecycle }: Desk): Operation =>
  operation({
    id: "ReclaimLeaks",
    method: "POST",
    path: "/ebb/v1/leaks/reclaim",
    summary: "Starts taking away what has leaked: all of it, a tenant's, or the things named",
    action: null,
    access: "operator",
    success: 202,
    unhurried: true,
    emptyBody: {},
    body: Type.Object(
      {
        refs: Type.Optional(Type.Array(Ref, { minItems: 1, maxItems: REFS_AT_ONCE, uniqueItems: true })),
        tenant: Type.Optional(Id),
      },
      { additionalProperties: false },
    ),
    handle: async ({ body, requestId }) => {
      const { reclaimed, more } = await lifecycle.reclaim({ ...body, requestId });
      return { body: { reclaimed: reclaimed.map(startedView), more } };
    },
  });

export const leakRoutes = (desk: Desk): Operation[] => [list(desk), reclaim(desk)];
