import type { FaultSpec } from "../../src/faults/index.ts";
import { pick } from "../torn/random.ts";
import type { SoakHouse } from "./house.ts";

/** A share of the tries, decided anew for each wave. */
const SHARE = 0.03;
/** Rarer: each costs another delete. */
const SHARE_FOR_GOOD = 0.02;

type Place = { kind: string; verb: string; step: string };

/** Where a call is made whose answer can be lost, and where the world can refuse for good. */
const PLACES: readonly Place[] = [
  { kind: "fabric.endpoint", verb: "create", step: "reserve" },
  { kind: "fabric.endpoint", verb: "delete", step: "give-back" },
  { kind: "fabric.instance", verb: "create", step: "serve" },
  { kind: "fabric.instance", verb: "delete", step: "stop-serving" },
  { kind: "fabric.job-run", verb: "start", step: "make" },
  { kind: "fabric.job-run", verb: "follow", step: "collect" },
  { kind: "fabric.job-run", verb: "delete", step: "collect" },
  { kind: "modelarts.notebook", verb: "create", step: "make-volume" },
  { kind: "modelarts.notebook", verb: "stop", step: "stop-container" },
  { kind: "modelarts.notebook", verb: "delete", step: "remove-container" },
  { kind: "modelarts.notebook", verb: "delete", step: "remove-volume" },
  { kind: "taurusdb.instance", verb: "create", step: "provision-storage" },
  { kind: "taurusdb.instance", verb: "delete", step: "free-storage" },
  { kind: "taurusdb.node", verb: "create", step: "launch" },
  { kind: "taurusdb.node", verb: "delete", step: "shut-down" },
  { kind: "taurusdb.proxy", verb: "delete", step: "drain" },
  { kind: "taurusdb.proxy", verb: "delete", step: "close" },
  { kind: "clouddc.instance", verb: "create", step: "install" },
  { kind: "clouddc.instance", verb: "delete", step: "uninstall" },
  { kind: "clouddc.instance", verb: "delete", step: "wipe" },
];

const ANSWERS: readonly (Pick<Extract<FaultSpec, { on: "step" }>, "answer" | "probability" | "for_ms"> | undefined)[] =
  [
    { answer: "fails", probability: SHARE },
    { answer: "lost-answer", probability: SHARE },
    { answer: "hangs", probability: SHARE },
    { answer: "refuses", for_ms: 120_000 },
    // Nothing goes wrong here in this wave.
    undefined,
    undefined,
    { answer: { fails_for_good: "the soak will have it so" }, probability: SHARE_FOR_GOOD },
  ];

/** Puts the wave's faults in force: at most one at each place, of a sort that changes from wave to wave. */
export async function arrange({ faults }: SoakHouse, seed: string): Promise<void> {
  for (const place of PLACES) {
    const name = `${seed} ${place.kind} ${place.verb} ${place.step}`;
    const answer = ANSWERS[pick(name, 0, ANSWERS.length - 1)];
    const chosen = answer?.probability === undefined ? {} : { seed: pick(`${name} seed`, 1, 1_000_000) };
    if (answer) await faults.add({ on: "step", ...place, ...answer, ...chosen });
  }
}

/** Takes them out of force; answers how often they have struck. */
export async function clear({ faults }: SoakHouse): Promise<number> {
  return (await faults.clear()).reduce((hits, fault) => hits + fault.hits, 0);
}
