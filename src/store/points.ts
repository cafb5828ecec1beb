/**
 * Every durable write of Ebb, by name. A write is named where it is made, so that a test can end the process right before
 * or after each; one that stands in no list does not compile.
 */
export const LIFECYCLE_POINTS = [
  "accept",
  "claim",
  "take",
  "park",
  "step",
  "fail",
  "set-aside",
  "let-go",
  "silence",
  "put-off",
  "purge",
  "skip",
  "reclaim",
  "teardown",
] as const;

/** Writes of the simulated world: on the other side of the driver's port. */
export const WORLD_POINTS = ["world-make", "world-change", "world-unmake"] as const;

/** Writes that change no resource: leases, the clock, the operator's tools, IAM and the tables themselves. */
export const OTHER_POINTS = [
  "migrate",
  "drop-leases",
  "heartbeat",
  "clock",
  "pace",
  "poll",
  "fault",
  "fault-hit",
  "driver-fence",
  "driver-note",
  "load",
  "reset",
  "iam accounts",
  "iam access key",
  "iam access key change",
  "iam access key end",
  "iam project",
  "iam purge",
  "iam token",
  "iam token end",
] as const;

export type Point =
  | (typeof LIFECYCLE_POINTS)[number]
  | (typeof WORLD_POINTS)[number]
  | (typeof OTHER_POINTS)[number]
  | "test";
