import { Type } from "typebox";
import {
  findOperation,
  findReceipts,
  listReceipts,
  NoSuch,
  type Operation as Op,
  verifyChain,
} from "../../lifecycle/index.ts";
import { type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";
import { Id, Limit, MANY, Place } from "../schemas.ts";

/** Why an operation has no receipt. */
function noReceipt({ id, verb, state, plan, step, resourceId }: Op) {
  const about = `operation ${id} (${verb} of ${resourceId})`;
  if (state === "running")
    return refuse.notFound(
      `${about} has not finished: it is at step ${plan.steps[step] ?? "-"}`,
      `wait for its end, or ask why: ebb why ${resourceId}`,
    );
  if (state !== "done")
    return refuse.notFound(`${about} is ${state}: only a delete that has finished leaves a receipt`);
  return refuse.notFound(
    `${about} has left no receipt, or it is no longer kept`,
    "deletes leave receipts, and those stay as long as what is known of a gone resource",
  );
}

const show = ({ store }: Desk): Operation =>
  operation({
    id: "ShowReceipt",
    method: "GET",
    path: "/ebb/v1/receipts/{operation}",
    summary: "What a finished delete has released, and what was reclaimed of it later",
    action: null,
    access: "operator",
    success: 200,
    params: Type.Object({ operation: Id }),
    handle: async ({ params }) => {
      const found = await store.read((session) => findReceipts(session, params.operation));
      if (found) return { body: found };
      const known = await store.read((session) => findOperation(session, params.operation));
      if (!known) throw new NoSuch("operation", params.operation);
      throw noReceipt(known);
    },
  });

const list = ({ store }: Desk): Operation =>
  operation({
    id: "ListReceipts",
    method: "GET",
    path: "/ebb/v1/receipts",
    summary: "Receipts in the order of their chain",
    action: null,
    access: "operator",
    success: 200,
    query: Type.Object(
      {
        resource_id: Type.Optional(Id),
        tenant: Type.Optional(Id),
        after: Place("`next` of the page before"),
        limit: Limit,
      },
      { additionalProperties: false },
    ),
    handle: async ({ query }) => {
      const { resource_id: resourceId, tenant, after = 0, limit = MANY } = query;
      const found = await store.read((session) =>
        listReceipts(session, { resourceId, tenant, after, limit: limit + 1 }),
      );
      const receipts = found.slice(0, limit);
      return { body: { receipts, next: found.length > limit ? receipts.at(-1)?.seq : null } };
    },
  });

const verify = ({ store }: Desk): Operation =>
  operation({
    id: "VerifyReceipts",
    method: "GET",
    path: "/ebb/v1/receipts/verify",
    summary: "Whether the chain of receipts is whole, or where it is broken first",
    action: null,
    access: "operator",
    success: 200,
    unhurried: true,
    handle: async () => ({ body: await verifyChain(store) }),
  });

export const receiptRoutes = (desk: Desk): Operation[] => [verify(desk), list(desk), show(desk)];
