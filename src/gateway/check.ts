import type { TObject, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { Operation, Problem } from "../wire/index.ts";
import { fromText } from "./convert.ts";

/** A request names at most this many problems at once. */
const PROBLEMS = 20;

export interface Parts {
  params: unknown;
  query: unknown;
  body: unknown;
}

type PartCheck = (value: unknown) => { value: unknown; problems: Problem[] };

function checkOf(where: Problem["in"], schema: TSchema): PartCheck {
  const compiled = Compile(schema);
  return (raw) => {
    if (compiled.Check(raw)) return { value: raw, problems: [] };
    const value = where === "body" ? raw : fromText(schema as TObject, raw);
    if (compiled.Check(value)) return { value, problems: [] };
    return {
      value,
      problems: compiled
        .Errors(value)
        .slice(0, PROBLEMS)
        .flatMap((one) => toProblems(where, one)),
    };
  };
}

interface SchemaError {
  keyword: string;
  instancePath: string;
  params: object;
  message: string;
}

function toProblems(where: Problem["in"], { keyword, instancePath, params, message }: SchemaError): Problem[] {
  const path = instancePath.split("/").filter(Boolean);
  if (keyword !== "required") return [{ in: where, field: path.join("."), rule: keyword, message }];
  const { requiredProperties = [] } = params as { requiredProperties?: string[] };
  return requiredProperties.map((name) => ({
    in: where,
    field: [...path, name].join("."),
    rule: keyword,
    message: "is required",
  }));
}

/** Compiles an operation's schemas once; the answer checks a request's parts and names everything that is wrong. */
export function compileChecks(op: Operation): (parts: Parts) => { parts: Parts; problems: Problem[] } {
  const params = op.params && checkOf("path", op.params);
  const query = op.query && checkOf("query", op.query);
  const body = op.body && checkOf("body", op.body);
  return (parts) => {
    const checked = {
      params: params?.(parts.params),
      query: query?.(parts.query),
      body: body?.(parts.body ?? op.emptyBody),
    };
    return {
      parts: { params: checked.params?.value ?? {}, query: checked.query?.value ?? {}, body: checked.body?.value },
      problems: [checked.params, checked.query, checked.body].flatMap((part) => part?.problems ?? []),
    };
  };
}
