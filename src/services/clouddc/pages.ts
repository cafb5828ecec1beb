import { pageByMarker } from "../../wire/index.ts";

const LEAST = 10;
const MOST = 1000;

export interface PageInfo {
  /** Left out on the last page. */
  next_marker?: string;
  previous_marker: string;
  current_count: number;
}

/** One page of at least 10 and at most 1000, whatever was asked for. Markers are the ids of the page's first and last. */
export function onePage<T extends { id: string }>(
  all: readonly T[],
  { marker, limit = LEAST }: { marker?: string; limit?: number },
): { page: T[]; page_info: PageInfo } {
  const { page, more } = pageByMarker(all, marker, Math.min(MOST, Math.max(LEAST, limit)));
  const last = page.at(-1);
  const next = more && last ? { next_marker: last.id } : {};
  return { page, page_info: { ...next, previous_marker: page[0]?.id ?? "", current_count: page.length } };
}
