import type { Hit, StepAnswer, StepPlace } from "../faults/index.ts";
import { CALL_MS, type Outcome } from "./calls.ts";

/** What a test wants to go wrong with the steps. */
export interface StepFaults {
  /** What strikes this try, counted. Undefined, at no cost, where nothing fits. */
  onStep(at: StepPlace): Promise<Hit<StepAnswer> | undefined> | undefined;
}

const asked = (id: string) => `fault ${id} asks for it: "ebb fault rm ${id}" ends it`;

/**
 * What a try comes to under a fault. A call that hangs keeps nothing waiting: it counts as a try that has taken as long
 * as a call may.
 */
export async function struck({ id, answer }: Hit<StepAnswer>, perform: () => Promise<void>): Promise<Outcome> {
  const error = (reason: string, tookMs = 0): Outcome => ({
    is: "error",
    transient: true,
    reason: `${reason}: ${asked(id)}`,
    tookMs,
  });
  const refusal = { is: "refused", owner: "who added the fault", hint: asked(id) } as const;
  if (typeof answer === "object") return { ...refusal, reason: answer.fails_for_good, forGood: true };
  switch (answer) {
    case "fails":
      return error("the call has failed");
    case "hangs":
      return error(`the driver has not answered within ${CALL_MS / 1000} s`, CALL_MS);
    case "lost-answer":
      await perform();
      return error("the answer was lost");
    case "refuses":
      return { ...refusal, reason: "the world refuses, for a time" };
  }
}
