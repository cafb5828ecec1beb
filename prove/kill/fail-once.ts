import { Refusal } from "../../src/drivers/port.ts";
import type { Answer, Step, Work } from "../../src/lifecycle/index.ts";
import type { Between, StepName } from "../../test/between.ts";
import type { Killer } from "./killer.ts";

/** While it is on, every step fails for good at its first coming, after it has performed, until that failure is on disk. */
export class FailOnce implements Between {
  on = false;
  readonly #killer: Killer;

  constructor(killer: Killer) {
    this.#killer = killer;
  }

  perform(_name: StepName, step: Step, work: Work): Promise<void> {
    return step.perform(work);
  }

  async probe(name: StepName, step: Step, work: Work): Promise<Answer> {
    if (this.on && !this.#killer.hasSeen(`fail ${name}`))
      throw new Refusal(`${name} fails once`, { owner: "this proof", hint: "ask again", forGood: true });
    return step.probe(work);
  }
}
