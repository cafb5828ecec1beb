import { Busy, NotFound } from "../lifecycle/index.ts";
import type { Operation, Problem, Service } from "../wire/index.ts";

/** What an operation is about, as far as its path says: for an error that nothing has really caused. */
export interface Subject {
  kind: string;
  id: string;
}

interface Named {
  name: string;
  /** The path before it. */
  before: string;
}

/** The path's parameters, but for the project. */
function paramsIn(path: string): Named[] {
  return [...path.matchAll(/\/\{(\w+)\}/g)]
    .map((match) => ({ name: match[1] ?? "", before: path.slice(0, match.index) }))
    .filter(({ name }) => name !== "project_id");
}

const bare = (word: string) => word.replaceAll(/[-_]/g, "").toLowerCase();

/** The kind that a parameter means: by its own name, or by the word before it. */
function kindOf({ name, before }: Named, service: Service): string | undefined {
  const words = [bare(name.replace(/_?id$/, "")), bare(before.slice(before.lastIndexOf("/") + 1)).replace(/s$/, "")];
  const nouns = service.kinds.map((kind) => ({ kind: kind.name, noun: bare(kind.name.split(".")[1] ?? "") }));
  const same = nouns.find(({ noun }) => words.includes(noun));
  const like = nouns.find(({ noun }) => words.some((word) => word && (word.endsWith(noun) || noun.endsWith(word))));
  return (same ?? like)?.kind;
}

/** Where the path names nothing, or a service has no kinds, the words are the best that can be said. */
const NOBODY = "unknown";

export function subjectOf(op: Operation, service: Service, params: Readonly<Record<string, string>>): Subject {
  const named = paramsIn(op.path).at(-1);
  const collection = (named?.before ?? op.path).split("/").at(-1) ?? "";
  const kind = (named && kindOf(named, service)) ?? service.kinds[0]?.name ?? collection.replace(/s$/, "");
  return { kind, id: (named && params[named.name]) ?? NOBODY };
}

export const absent = ({ kind, id }: Subject, gone = false): NotFound => new NotFound(kind, id, gone);

export const busy = ({ kind, id }: Subject, op: Operation): Busy =>
  new Busy(kind, id, op.method === "DELETE" ? "delete" : "change", "another operation");

/** The field that is said to be wrong: what the path names last, else the first of the query, else the body. */
export function suspect(op: Operation): Pick<Problem, "in" | "field"> {
  const named = paramsIn(op.path).at(-1);
  if (named) return { in: "path", field: named.name };
  const [inQuery] = Object.keys(op.query?.properties ?? {});
  if (inQuery !== undefined) return { in: "query", field: inQuery };
  return { in: "body", field: "" };
}

/** The operation that lists what this one shows: by their paths, or itself where its name says that it is a list. */
export function listBeside(op: Operation, service: Service): Operation | undefined {
  if (op.id.includes("List")) return op;
  const path = paramsIn(op.path).at(-1)?.before;
  return service.operations.find((other) => other.method === "GET" && other.path === path);
}
