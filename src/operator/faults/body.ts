import { type Static, Type } from "typebox";
import { STATUSES } from "../../faults/index.ts";
import { Id } from "../schemas.ts";

const Name = Type.String({ minLength: 1, maxLength: 128 });
const Count = Type.Integer({ minimum: 1, maximum: 1_000_000_000 });
const Ms = (most: number) => Type.Integer({ minimum: 1, maximum: most });

/** A client has given up long before. */
const SLOW_MOST_MS = 600_000;
const YEAR_MS = 366 * 24 * 3_600_000;

const WORDS = [
  "reset",
  "cut",
  "lost",
  "fails",
  "hangs",
  "lost-answer",
  "refuses",
  "404",
  "coded-400",
  "403",
  "empty-list",
] as const;

const closed = { additionalProperties: false };

/** A fault as it is asked for. Which of the fields go together is checked with better words than a schema has. */
export const FaultBody = Type.Object(
  {
    on: Type.Enum(["call", "step", "gone"], {
      description: "A call on the wire, a try of a step, or what is answered for a thing that is gone",
    }),
    service: Type.Optional(Name),
    operation: Type.Optional(Name),
    kind: Type.Optional(Name),
    verb: Type.Optional(Name),
    step: Type.Optional(Name),
    resource: Type.Optional(Id),
    tenant: Type.Optional(Id),
    answer: Type.Union(
      [
        Type.Enum([...WORDS]),
        Type.Object(
          {
            status: Type.Enum([...STATUSES]),
            retry_after_s: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 })),
          },
          closed,
        ),
        Type.Object({ slow_ms: Ms(SLOW_MOST_MS) }, closed),
        Type.Object({ fails_for_good: Type.String({ minLength: 1, maxLength: 500 }) }, closed),
      ],
      {
        description:
          'on call: {"status"}, {"slow_ms"}, reset, cut, lost; on step: fails, {"fails_for_good"}, hangs, lost-answer, refuses; on gone: 404, coded-400, 403, empty-list',
      },
    ),
    first: Type.Optional(Count),
    every: Type.Optional(Count),
    probability: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
    times: Type.Optional(Count),
    for_ms: Type.Optional(Ms(10 * YEAR_MS)),
    until: Type.Optional(Type.String({ maxLength: 40, description: "A time of Ebb's clock, ISO 8601" })),
  },
  closed,
);

export type FaultBody = Static<typeof FaultBody>;
