import { modelarts as service } from "../../../src/services/modelarts/index.ts";
import { bodyOf, EVS } from "../../../test/notebooks.ts";
import type { Hands, Move, Stage } from "../stage.ts";
import { deleting } from "./deleting.ts";

const A_WHILE = 5 * 60_000;

async function create(hands: Hands, over: Record<string, unknown>): Promise<string> {
  const answer = (await hands.call("CreateDevEnvironInstance", {}, bodyOf(over))) as { id: string };
  return answer.id;
}

const act = (action: string): Move => ({
  name: action,
  ask: (hands, { notebook }) => hands.call("ActOnDevEnvironInstance", { instance_id: notebook }, { action }),
});

const moves: readonly Move[] = [
  { name: "delete", ask: (hands, { notebook }) => hands.call("DeleteDevEnvironInstance", { instance_id: notebook }) },
  act("start"),
  act("stop"),
  act("restart"),
  {
    name: "update",
    ask: (hands, { notebook }) =>
      hands.call("UpdateDevEnvironInstance", { instance_id: notebook }, { description: "other" }),
  },
  { name: "create-of-its-name", ask: (hands) => create(hands, { spec: { storage: EVS } }) },
];

/** A notebook with a volume of its own, stopped. */
export const stopped: Stage = {
  name: "modelarts-stopped",
  service,
  kinds: service.kinds,
  async furnish(hands, pass) {
    const notebook = await create(hands, { spec: { storage: EVS } });
    await pass(A_WHILE);
    await hands.call("ActOnDevEnvironInstance", { instance_id: notebook }, { action: "stop" });
    await pass(A_WHILE);
    return { notebook };
  },
  moves: moves.filter(({ name }) => name !== "restart"),
};

/** A notebook that runs, and stops by itself an hour after its start. */
export const started: Stage = {
  name: "modelarts-running",
  service,
  kinds: service.kinds,
  async furnish(hands, pass) {
    const timer = { enable: true, duration: 3600, prompt: true };
    const notebook = await create(hands, { spec: { storage: EVS, auto_stop: timer } });
    await pass(A_WHILE);
    return { notebook };
  },
  moves: moves.filter(({ name }) => name !== "create-of-its-name"),
};

export const stoppedDeleting = deleting(stopped, "delete", "notebook");
