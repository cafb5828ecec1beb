import type { Clock } from "../clock.ts";

/** The request has waited too long. */
export class DeadlineOver extends Error {}

/** A request's deadline. Its signal is made only where something asks for it: a read never does. */
export class Deadline {
  #error: DeadlineOver | undefined;
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#error) this.#controller.abort(this.#error);
    return this.#controller.signal;
  }

  pass(): DeadlineOver {
    this.#error = new DeadlineOver("the request has outlived its deadline");
    this.#controller?.abort(this.#error);
    return this.#error;
  }
}

/** Fails with DeadlineOver after `ms`; what `run` has not committed by then under the deadline's signal is rolled back. */
export async function withinDeadline<T>(clock: Clock, ms: number, run: (deadline: Deadline) => Promise<T>): Promise<T> {
  const deadline = new Deadline();
  if (!Number.isFinite(ms)) return run(deadline);
  let cancel: (() => void) | undefined;
  const over = new Promise<never>((_, reject) => {
    cancel = clock.at(clock.now() + ms, () => reject(deadline.pass()));
  });
  try {
    return await Promise.race([run(deadline), over]);
  } finally {
    cancel?.();
  }
}
