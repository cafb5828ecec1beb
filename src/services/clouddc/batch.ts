import { type Accepting, NotFound, type Resource } from "../../lifecycle/index.ts";
import { refuse } from "./dialect.ts";

/**
 * Everything that a batch names, locked, each once and in the order named. A missing one fails the whole, and the
 * refusal names all that are.
 */
export async function getAll(accepting: Accepting, kind: string, ids: readonly string[]): Promise<Resource[]> {
  const found = new Map<string, Resource>();
  // Two batches that lock in one order cannot wait for each other.
  for (const id of [...new Set(ids)].toSorted()) {
    try {
      found.set(id, await accepting.get(kind, id));
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
  }
  const named = [...new Set(ids)];
  const absent = named.filter((id) => !found.has(id));
  if (absent.length > 0) throw refuse.notFound(kind, absent);
  return named.flatMap((id) => found.get(id) ?? []);
}

/** The ids of a batch, which must name something. */
export function someIds(field: string, ids: readonly string[] | undefined): readonly string[] {
  if (!ids || ids.length === 0) throw refuse.missing(field);
  return ids;
}
