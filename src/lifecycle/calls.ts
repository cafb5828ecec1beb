import type { Answer } from "./kinds.ts";

/** How long one call of a driver may take, in ms of the machine's clock. */
export const CALL_MS = 120_000;

/** A call that never comes back would keep its place for ever; what it still does later, its fence turns away. */
export async function answered<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the driver has not answered within ${CALL_MS / 1000} s`)), CALL_MS);
    timer.unref();
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the world answered; `transient` is an error of the call, which says nothing about the world. */
export type Outcome =
  | (Answer & { transient?: false })
  /** `tookMs`: virtual ms that the call has taken, before its next try is waited for. */
  | { is: "error"; transient: true; reason: string; tookMs?: number };
