const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration as an operator writes it: milliseconds, or a number with its unit. */
export const DURATION = "^([0-9]{1,12})(ms|s|m|h|d)?$";

/** `30m` in milliseconds. The text is known to be a DURATION. */
export function durationMs(text: string): number {
  const [, digits = "0", unit = "ms"] = new RegExp(DURATION).exec(text) ?? [];
  return Number(digits) * (UNITS[unit] ?? 1);
}
