import { Type } from "typebox";
import { type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { Id, Word } from "../schemas.ts";
import { operationView } from "./operations.ts";

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
        step: Word,
        reason: Type.String({ minLength: 1, maxLength: 500, pattern: "\\S" }),
      },
      { additionalProperties: false },
    ),
    handle: async ({ params, body, requestId }) => {
      const op = await lifecycle.skip({ operationId: params.id, ...body, requestId });
      return { body: operationView(op) };
    },
  }),
];
