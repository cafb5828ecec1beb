/** Units of a written duration, longest first, in ms. */
const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ["w", 7 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

/** How durations are written, for messages. */
export const DURATION_FORM = "500ms, 45s, 30m, 2h, 1d, 1w or 1h30m";

const WRITTEN = /^(?:\d{1,15}(?:ms|[wdhms]))+$/;

/** `1h30m` in ms; each unit once, longest first. Undefined for anything else, and for more than a number can count. */
export function durationMs(text: string): number | undefined {
  if (!WRITTEN.test(text)) return undefined;
  let total = 0;
  let after = -1;
  for (const [, count = "", unit = ""] of text.matchAll(/(\d+)(ms|[wdhms])/g)) {
    const at = UNITS.findIndex(([name]) => name === unit);
    if (at <= after) return undefined;
    after = at;
    total += Number(count) * (UNITS[at]?.[1] ?? 0);
  }
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The same, or ms without a unit: for queries, where every value is text. */
export const spanMs = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : durationMs(text));

/** The same the other way: 5400000 is `1h30m`. */
export function sayDuration(ms: number): string {
  let left = Math.abs(Math.round(ms));
  if (left === 0) return "0s";
  let text = ms < 0 ? "-" : "";
  for (const [unit, length] of UNITS) {
    const count = Math.floor(left / length);
    if (count > 0) text += `${count}${unit}`;
    left -= count * length;
  }
  return text;
}
