import type { OperatorClient } from "./operator-client.ts";

/** Ebb's virtual time. */
export interface TestClock {
  now(): Promise<Date>;
  /** Lets time pass with all that falls due in it. @param by `30m`, `1h30m`, or milliseconds */
  advance(by: string | number): Promise<Date>;
  /** To the next thing that is due. */
  next(): Promise<Date>;
  freeze(): Promise<void>;
  resume(): Promise<void>;
}

export function clockOf(operator: OperatorClient): TestClock {
  const ask = async (method: string, path: string, body?: object) =>
    new Date((await operator.ask<{ now: string }>(method, path, body)).now);
  return {
    now: () => ask("GET", "/clock"),
    advance: (by) => ask("POST", "/clock/advance", { by }),
    next: () => ask("POST", "/clock/advance", { to: "next" }),
    freeze: async () => void (await ask("POST", "/clock/freeze")),
    resume: async () => void (await ask("POST", "/clock/resume")),
  };
}
