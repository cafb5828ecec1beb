import type { Stamp } from "./port.ts";

/** A call of an owner of this fence; each owner is an operation of its own. */
export const stamp = (fence: number): Stamp => ({
  tenant: "one",
  kind: "toy.thing",
  resourceId: "thing",
  incarnation: "a",
  operationId: `operation-${fence}`,
  fence,
});
