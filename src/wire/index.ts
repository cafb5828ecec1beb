export type { About, Dialect, Language, Problem, Stranger, Trouble, WireError } from "./dialect.ts";
export { Fault } from "./dialect.ts";
export type { House } from "./house.ts";
export { inventoryPart, mustDiffer } from "./inventory.ts";
export type { Call, Method, Operation, Principal, Reply } from "./operation.ts";
export { operation } from "./operation.ts";
export { fuzzy, pageByMarker, pageByOffset, sortedBy } from "./paging.ts";
export type { Service } from "./service.ts";
export { isoMicros, isoMillis, isoOffset, isoSeconds } from "./times.ts";
