import { Type } from "typebox";
import type { Resource } from "../../lifecycle/index.ts";
import { sortedBy } from "../../wire/index.ts";

/** How lists of definitions are sorted. */
export const SortBy = Type.Optional(Type.Enum(["CREATE_TIME", "UPDATE_TIME", "NAME"]));

/** Sorted as asked; the latest first when nothing is asked. Equal keys go by creation. */
export function sortedAs(
  all: readonly Resource[],
  { sort_by = "CREATE_TIME", order_by = "DESC" }: { sort_by?: string; order_by?: string },
): Resource[] {
  const order = order_by === "ASC" ? "asc" : "desc";
  const created = sortedBy(all, (one) => one.seq, order);
  if (sort_by === "CREATE_TIME") return created;
  return sortedBy(created, (one) => (sort_by === "NAME" ? one.name : one.updatedAt), order);
}
