import type { TObject, TSchema } from "typebox";
import type { Operation } from "../wire/index.ts";

const parametersIn = (where: "path" | "query", schema: TObject | undefined) =>
  Object.entries((schema?.properties ?? {}) as Record<string, TSchema>).map(([name, field]) => ({
    name,
    in: where,
    required: where === "path" || ((schema?.required ?? []) as readonly string[]).includes(name),
    schema: field,
  }));

const ERROR = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string" }, message: { type: "string" }, hint: { type: "string" } },
    },
  },
};

function pathItem(op: Operation): object {
  return {
    operationId: op.id,
    summary: op.summary,
    security: op.access === "anyone" ? [] : [{ operator: [] }],
    parameters: [...parametersIn("path", op.params), ...parametersIn("query", op.query)],
    ...(op.body ? { requestBody: { content: { "application/json": { schema: op.body } } } } : {}),
    responses: {
      [op.success]: { description: "It is so." },
      default: {
        description: "It is not, and says why.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

/** The operations as an OpenAPI document: their schemas are the only place where the fields are written. */
export function openApi(operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const op of operations) (paths[op.path] ??= {})[op.method.toLowerCase()] = pathItem(op);
  return {
    openapi: "3.1.0",
    info: { title: "Ebb's own API", version: "1", description: "What the operator of an Ebb sees and does." },
    paths,
    components: {
      schemas: { Error: ERROR },
      securitySchemes: { operator: { type: "http", scheme: "bearer" } },
    },
  };
}
