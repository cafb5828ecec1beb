import type { OperationRow, Param, ResourceRow, Session } from "../store/index.ts";
import { type Operation, toOperation } from "./operations.ts";
import { type Resource, toResource } from "./resources.ts";

/** Collects the conditions of a search; an absent value is none. */
class Where {
  readonly #parts: string[] = [];
  readonly params: Param[] = [];

  add(condition: string, ...values: (Param | undefined)[]): this {
    if (values.includes(undefined)) return this;
    this.#parts.push(condition);
    this.params.push(...(values as Param[]));
    return this;
  }

  get sql(): string {
    return this.#parts.length > 0 ? `WHERE ${this.#parts.join(" AND ")}` : "";
  }
}

/** Which operations, of any tenant; absent fields do not filter. Times are virtual ms. */
export interface OperationSearch {
  tenant?: string | undefined;
  kind?: string | undefined;
  state?: string | undefined;
  verb?: string | undefined;
  resourceId?: string | undefined;
  acceptedBefore?: number | undefined;
  acceptedAfter?: number | undefined;
  /** Where the page before ended. */
  below?: OperationPlace | undefined;
}

/** A place in the order of a search. */
export interface OperationPlace {
  rank: number;
  id: string;
}

/** Of one resource, each operation has a higher fence than those before it: that tells them apart within one ms, too. */
const rankOf = ({ resourceId }: OperationSearch) => (resourceId === undefined ? "accepted_at" : "fence");

export const placeOf = (search: OperationSearch, { acceptedAt, fence, id }: Operation): OperationPlace => ({
  rank: rankOf(search) === "fence" ? fence : acceptedAt,
  id,
});

/** Newest first, at most `limit`. */
export async function searchOperations(session: Session, search: OperationSearch, limit: number): Promise<Operation[]> {
  const { below } = search;
  const rank = rankOf(search);
  const where = new Where()
    .add("tenant = ?", search.tenant)
    .add("kind = ?", search.kind)
    .add("state = ?", search.state)
    .add("verb = ?", search.verb)
    .add("resource_id = ?", search.resourceId)
    .add("accepted_at <= ?", search.acceptedBefore)
    .add("accepted_at >= ?", search.acceptedAfter)
    .add(`(${rank}, id) < (?, ?)`, below?.rank, below?.id);
  const rows = await session.all<OperationRow>(
    `SELECT * FROM operations ${where.sql} ORDER BY ${rank} DESC, id DESC LIMIT ?`,
    [...where.params, limit],
  );
  return rows.map(toOperation);
}

/** Which resources, of any tenant; absent fields do not filter. */
export interface ResourceSearch {
  tenant?: string | undefined;
  kind?: string | undefined;
  state?: string | undefined;
  parentId?: string | undefined;
  /** Also those that are gone. */
  gone?: boolean;
  /** The place in the order of creation that the last one of the page before has. */
  after?: number | undefined;
}

/** In order of creation, at most `limit`. */
export async function searchResources(session: Session, search: ResourceSearch, limit: number): Promise<Resource[]> {
  const where = new Where()
    .add("tenant = ?", search.tenant)
    .add("kind = ?", search.kind)
    .add("state = ?", search.state)
    .add("parent_id = ?", search.parentId)
    .add("seq > ?", search.after);
  if (!search.gone) where.add("gone_at IS NULL");
  const rows = await session.all<ResourceRow>(`SELECT * FROM resources ${where.sql} ORDER BY seq LIMIT ?`, [
    ...where.params,
    limit,
  ]);
  return rows.map(toResource);
}
