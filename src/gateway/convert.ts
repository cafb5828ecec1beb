import type { TObject, TSchema } from "typebox";

const INTEGER = /^-?\d{1,15}$/;
const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

/** A path and a query hold text only. What is not exactly of the field's type stays text, and fails its check. */
function convert(schema: TSchema, text: unknown): unknown {
  const { type, items } = schema as { type?: string; items?: TSchema };
  if (type === "array") return (Array.isArray(text) ? text : [text]).map((one) => (items ? convert(items, one) : one));
  if (typeof text !== "string") return text;
  if (type === "integer" && INTEGER.test(text)) return Number(text);
  if (type === "number" && NUMBER.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** The fields of a path or a query in the types that their schema gives them. */
export function fromText(schema: TObject, fields: unknown): unknown {
  const known = schema.properties as Record<string, TSchema>;
  const pairs = Object.entries(fields as Record<string, unknown>);
  return Object.fromEntries(pairs.map(([name, text]) => [name, known[name] ? convert(known[name], text) : text]));
}
