import { type Operation, operation, type Service } from "../wire/index.ts";
import type { Desk } from "./desk.ts";
import { operatorDialect } from "./dialect.ts";
import { openApi } from "./openapi.ts";
import { clockRoutes } from "./routes/clock.ts";
import { eventRoutes } from "./routes/events.ts";
import { faultRoutes } from "./routes/faults.ts";
import { leakRoutes } from "./routes/leaks.ts";
import { leftoverRoutes } from "./routes/leftovers.ts";
import { operationRoutes } from "./routes/operations.ts";
import { paceRoutes } from "./routes/paces.ts";
import { receiptRoutes } from "./routes/receipts.ts";
import { requestRoutes } from "./routes/requests.ts";
import { resourceRoutes } from "./routes/resources.ts";
import { skipRoutes } from "./routes/skip.ts";
import { snapshotRoutes } from "./routes/snapshots.ts";
import { teardownRoutes } from "./routes/teardowns.ts";
import { whyRoutes } from "./routes/why.ts";

export type { Desk } from "./desk.ts";
export { EventStreams } from "./event-streams.ts";
export { pollCounter } from "./polls.ts";
export { bodyOf, publicHeaders, RequestLog } from "./requests/log.ts";
export { operatorCheck, tokenFromKey } from "./token.ts";

/** Every part of Ebb's own API: a function from what it works with to its operations. */
const PARTS: readonly ((desk: Desk) => readonly Operation[])[] = [
  resourceRoutes,
  operationRoutes,
  eventRoutes,
  leftoverRoutes,
  snapshotRoutes,
  teardownRoutes,
  receiptRoutes,
  skipRoutes,
  leakRoutes,
  whyRoutes,
  clockRoutes,
  paceRoutes,
  faultRoutes,
  requestRoutes,
];

/** Ebb's own API, in the shape of a service. */
export function operatorService(desk: Desk): Service {
  const operations = PARTS.flatMap((part) => part(desk));
  const document: Operation = operation({
    id: "ShowOpenApi",
    method: "GET",
    path: "/ebb/v1/openapi.json",
    summary: "This document",
    action: null,
    access: "anyone",
    success: 200,
    handle: async () => ({ body: openApi([...operations, document]) }),
  });
  return {
    name: "operator",
    title: "Ebb's own API",
    kinds: [],
    operations: [...operations, document],
    dialect: operatorDialect,
  };
}
