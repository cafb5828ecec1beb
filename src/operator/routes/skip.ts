import { Type } from "typebox";
import { isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { Id } from "../schemas.ts";

export const skipRoutes = ({ lifecycle }: Desk): Operation[] => [
  operation({
    id: "SkipStep",
    method: "POST",
    path: "/ebb/v1/operations/{id}/skip",
    summary: "Leaves the current step of a delete undone: what it should have released stays on the list of leaks",
    action: null,
    access: "operator",
    success: 200,
    params: Type.Object({ id: Id }),
    body: Type.Object(
      {
        step: Type.String({ minLength: 1, maxLength: 128 }),
        reason: Type.String({ minLength: 1, maxLength: 500, pattern: "\\S" }),
      },
      { additionalProperties: false },
    ),
    handle: async ({ params, body, requestId }) => {
      const op = await lifecycle.skip({ operationId: params.id, ...body, requestId });
      return {
        body: {
          operation_id: op.id,
          resource_id: op.resourceId,
          kind: op.kind,
          tenant: op.tenant,
          verb: op.verb,
          state: op.state,
          step: op.plan.steps[op.step] ?? null,
          plan: op.plan.steps,
          accepted_at: isoMillis(op.acceptedAt),
          finished_at: op.finishedAt === null ? null : isoMillis(op.finishedAt),
        },
      };
    },
  }),
];
