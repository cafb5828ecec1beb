/** `2026-01-05T08:00:00.000Z` */
export const isoMillis = (ms: number): string => new Date(ms).toISOString();

/** `2026-01-05T08:00:00.000000Z`: milliseconds with zeros after them, as IAM writes times. */
export const isoMicros = (ms: number): string => new Date(ms).toISOString().replace("Z", "000Z");

/** `2026-01-05T08:00:00Z` */
export const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** `2026-01-05T08:00:00+0000`: with an offset that has no colon. */
export const isoOffset = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "+0000");
