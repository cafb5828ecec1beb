import { mkdirSync } from "node:fs";
import type { ContainerInfo } from "dockerode";
import { type InferenceThings, type Look, Refusal } from "../port.ts";
import { answersHttp } from "./answers.ts";
import type { Container } from "./engine.ts";
import type { Call, Thing, Yard } from "./host.ts";
import { filterOf, labelOf } from "./labels.ts";
import { freePort, LOOPBACK, type Place, placeLabels, placeOf, publish } from "./ports.ts";
import { endServer, runServer } from "./servers.ts";
import { lookAtServer } from "./standing.ts";

type Spec = InferenceThings["replicas"]["spec"];

/** Where the folder of models is, in the container; it is only read. */
const MODELS = "/models";
/** When a look that found too few replicas is worth another (ms). */
const AGAIN_MS = 500;

/** One of the containers under a ref. */
export interface Replica {
  id: string;
  number: number;
  /** How many replicas always serve: those of the lowest numbers. The others do while there is much to do. */
  least: number;
  running: boolean;
  place: Place;
}

/** Puts what only the driver knows into the words of a command. */
export const filled = (command: readonly string[], values: Readonly<Record<string, string>>): string[] =>
  command.map((word) => word.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole));

/**
 * Where a model's file is below the folder of models: `obs://bucket/key` is `bucket/key` in it.
 * @throws Refusal
 */
export function pathOf({ model, path }: Pick<Spec, "model" | "path">): string {
  const inside = path.replace(/^obs:\/\//, "").replace(/^\/+/, "");
  if (inside.split("/").includes("..") || inside.includes("\0"))
    throw new Refusal(`the model's path ${path} leaves its bucket`, {
      owner: "the caller",
      hint: "create a version of the model whose model_path is obs://BUCKET/KEY",
      forGood: true,
    });
  return inside === "" ? model : inside;
}

const replicaOf = ({ Id, State, Labels }: ContainerInfo): Replica => ({
  id: Id,
  number: Number(labelOf(Labels, "replica")),
  least: Number(labelOf(Labels, "least")),
  running: State === "running",
  place: placeOf(Labels),
});

export const isKept = ({ number, least }: Pick<Replica, "number" | "least">): boolean => number < least;

/** The replicas under a ref, by their numbers. */
export async function replicasUnder({ engine, settings }: Yard, ref: string): Promise<Replica[]> {
  const all = await engine.list({ label: filterOf(settings.mark, "inference", { type: "replicas", ref }) });
  return all.map(replicaOf).toSorted((a, b) => a.number - b.number);
}

export const urlOf = ({ address, port }: Place): string => `http://${address}:${port}`;

/** Creates the container of one replica, and starts it if it is one that always serves. */
async function make(yard: Yard, call: Call, spec: Spec, number: number): Promise<void> {
  const { settings } = yard;
  const place = { address: LOOPBACK, port: await freePort(yard) };
  const { listen, exposed, host } = publish(yard, place, settings.inference.port);
  const values = { host: listen.address, port: String(listen.port), model: spec.model, path: pathOf(spec) };
  const options = {
    Cmd: filled(settings.inference.command, values),
    Env: [`MODEL=${spec.model}`],
    ExposedPorts: exposed,
    HostConfig: {
      ...host,
      Mounts: [{ Type: "bind", Source: settings.models, Target: MODELS, ReadOnly: true } as const],
    },
  };
  const labels = { ...placeLabels(place), replica: String(number), least: String(spec.min) };
  const one = { ...call, name: `${call.name}-${number}` };
  const start = isKept({ number, least: spec.min });
  await runServer(yard, one, { image: settings.images.inference, flavor: spec.flavor, labels, options }, start);
}

/**
 * A served model: as many containers as it may have at most, of which its least serve, and each of the others is started
 * when it is needed. So none is ever created but by a call that a fence lets through.
 */
export function replicasThing(yard: Yard): Thing<Spec, object> {
  const { engine, settings } = yard;
  const answers = ({ Config }: Container) => answersHttp(urlOf(placeOf(Config.Labels)) + settings.inference.health);

  async function bring(call: Call, spec: Spec): Promise<void> {
    mkdirSync(settings.models, { recursive: true });
    const there = await replicasUnder(yard, call.ref);
    for (const one of there.filter(({ number }) => number >= spec.max)) await endServer(yard, one.id, one.running);
    for (let number = 0; number < spec.max; number++) {
      const found = there.find((one) => one.number === number);
      if (!found) await make(yard, call, spec, number);
      else if (isKept(found) && !found.running) await engine.start(found.id);
    }
  }

  return {
    make: bring,
    /** Asked for as a whole, as it is made. */
    change: (call, spec) => bring(call, spec as Spec),
    async unmake({ ref }) {
      for (const one of await replicasUnder(yard, ref)) await endServer(yard, one.id, one.running);
    },
    async look(ref) {
      const [first, ...others] = await replicasUnder(yard, ref);
      if (!first) return { is: "absent" };
      const lookAt = async ({ id }: Replica) => lookAtServer(yard, await engine.container(id), answers, () => ({}));
      return together(await Promise.all([first, ...others].filter(isKept).map(lookAt)), first.least);
    },
  };
}

/** What is broken says most; then what is not there yet. */
export function together(looks: readonly Look<object>[], least: number): Look<object> {
  const broken = looks.find((look) => look.is === "broken");
  if (broken) return broken;
  if (looks.length < least || looks.some((look) => look.is === "absent"))
    return { is: "making", again: AGAIN_MS, pushed: true };
  return looks.find((look) => look.is !== "ready") ?? { is: "ready", facts: {} };
}
