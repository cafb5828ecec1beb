/** One page by record offset. */
export function pageByOffset<T>(all: readonly T[], offset: number, limit: number): T[] {
  return all.slice(offset, limit === 0 ? undefined : offset + limit);
}

/** One page after the record with id `marker`; an unknown marker gives an empty page. */
export function pageByMarker<T extends { id: string }>(
  all: readonly T[],
  marker: string | undefined,
  limit: number,
): { page: T[]; more: boolean } {
  const from = marker ? all.findIndex((one) => one.id === marker) + 1 : 0;
  if (marker && from === 0) return { page: [], more: false };
  return { page: all.slice(from, from + limit), more: from + limit < all.length };
}

/** The "fuzzy" match of the list filters: a part of the name, in any case. */
export const fuzzy = (name: string, part: string | undefined): boolean =>
  !part || name.toLowerCase().includes(part.toLowerCase());

/** A sorted copy; equal keys keep their order. */
export function sortedBy<T>(all: readonly T[], key: (one: T) => string | number, order: "asc" | "desc"): T[] {
  const sign = order === "asc" ? 1 : -1;
  return all.toSorted((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x < y ? -sign : x > y ? sign : 0;
  });
}
