import type { Answer, Kind, Step, Work } from "../src/lifecycle/index.ts";

/** `service.thing.verb@step` */
export type StepName = string;

/** What comes between a kind's steps and what they do. */
export interface Between {
  perform(name: StepName, step: Step, work: Work): Promise<void>;
  probe(name: StepName, step: Step, work: Work): Promise<Answer>;
}

/** A kind with `between` in each of its steps. */
export function through(kind: Kind, between: Between): Kind {
  const steps = Object.entries(kind.steps).map(([name, step]): [string, Step] => {
    const nameOf = ({ operation }: Work) => `${kind.name}.${operation.verb}@${name}`;
    return [
      name,
      {
        ...step,
        perform: (work) => between.perform(nameOf(work), step, work),
        probe: (work) => between.probe(nameOf(work), step, work),
      },
    ];
  });
  return { ...kind, steps: Object.fromEntries(steps) };
}
