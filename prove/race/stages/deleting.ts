import { NoSuch } from "../../../src/lifecycle/index.ts";
import type { Move, Stage } from "../stage.ts";

/** Leaves the current step of what runs on a thing undone, as an operator would who has just looked. */
export const skip = (thing: string): Move => ({
  name: "skip",
  async ask({ lifecycle, caller }, things) {
    const operation = (await lifecycle.operations(things[thing] ?? "")).findLast((one) => one.verb === "delete");
    const step = operation?.plan.steps[operation.step];
    if (!operation || step === undefined) throw new NoSuch("step to skip of", thing);
    const asked = { operationId: operation.id, step, reason: "race", requestId: caller.requestId };
    return (await lifecycle.skip(asked)).id;
  },
});

/** Tears a thing down with all that is inside. */
export const tearDown = (thing: string): Move => ({
  name: `tear-down-${thing}`,
  async ask({ lifecycle, caller }, things) {
    const { teardown } = await lifecycle.tearDown({ ids: [things[thing] ?? ""], inside: true }, caller.requestId);
    return teardown.id;
  },
});

export const reclaim: Move = {
  name: "reclaim",
  ask: async ({ lifecycle, caller }) => (await lifecycle.reclaim({ requestId: caller.requestId })).reclaimed.length,
};

export const scan: Move = {
  name: "scan",
  ask: async ({ lifecycle }) => {
    await lifecycle.scan();
  },
};

/** The stage with the delete of a thing under way, as `move` asks for it, and what can be asked of that. */
export function deleting(stage: Stage, move: string, thing: string, others: readonly Move[] = []): Stage {
  const again = stage.moves.find((one) => one.name === move);
  if (!again) throw new Error(`${stage.name} has no move ${move}`);
  return {
    ...stage,
    name: `${stage.name}-deleting`,
    async furnish(hands, pass) {
      const things = await stage.furnish(hands, pass);
      await again.ask(hands, things);
      await pass(0);
      return things;
    },
    moves: [again, skip(thing), tearDown(thing), ...others],
  };
}
