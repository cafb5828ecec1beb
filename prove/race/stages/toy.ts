import { type Birth, type Kind, nothingInside } from "../../../src/lifecycle/index.ts";
import { BOX, THING } from "../../../test/kernel.ts";
import type { Hands, Stage } from "../stage.ts";
import { deleting, reclaim, scan, skip, tearDown } from "./deleting.ts";

const LONG = 10 * 60_000;

/** A thing that can also be poked: a verb that changes it while it lives, and that a delete replaces. */
const POKED: Kind = {
  ...THING,
  verbs: {
    ...THING.verbs,
    poke: { from: ["READY"], during: "POKING", then: "READY", failed: "BROKEN", version: 1, plan: () => ["make"] },
    delete: { ...THING.verbs.delete!, from: [...THING.verbs.delete!.from, "POKING"], aborts: ["create", "poke"] },
  },
};

const create = ({ lifecycle, caller, house }: Hands, birth: Partial<Birth> & { kind: string }) =>
  lifecycle.accept(caller, async (accepting) => {
    const made = await accepting.create({ id: house.ids.uuid(), name: "toy", spec: {}, ...birth });
    return made.resource.id;
  });

const submit = ({ lifecycle, caller }: Hands, verb: string, kind: string, id: string | undefined) =>
  lifecycle.accept(caller, async (accepting) => {
    const { operation } = await accepting.submit(verb, await accepting.get(kind, id ?? ""));
    return { job_id: operation.jobId };
  });

/** A box with nothing in it, a thing beside it, and the kernel's own verbs. */
export const toy: Stage = {
  name: "toy",
  kinds: [
    POKED,
    { ...BOX, verbs: { ...BOX.verbs, delete: { ...BOX.verbs.delete!, guards: [nothingInside(THING.name)] } } },
  ],
  async furnish(hands, pass) {
    const box = await create(hands, { kind: BOX.name });
    const thing = await create(hands, { kind: THING.name });
    await pass(LONG);
    return { box, thing };
  },
  moves: [
    { name: "delete-thing", ask: (hands, { thing }) => submit(hands, "delete", THING.name, thing) },
    { name: "update-thing", ask: (hands, { thing }) => submit(hands, "poke", THING.name, thing) },
    {
      name: "create-needing-it",
      ask: (hands, { thing = "" }) => create(hands, { kind: THING.name, links: [{ target: thing, role: "needs" }] }),
    },
    { name: "delete-box", ask: (hands, { box }) => submit(hands, "delete", BOX.name, box) },
    { name: "create-in-box", ask: (hands, { box }) => create(hands, { kind: THING.name, parentId: box }) },
    { name: "create-named", ask: (hands) => create(hands, { kind: THING.name, name: "one", unique: true }) },
    tearDown("box"),
    scan,
  ],
};

/** The same with a thing whose creation is under way. */
export const toyMaking: Stage = {
  ...toy,
  name: "toy-making",
  async furnish(hands) {
    const thing = await create(hands, { kind: THING.name });
    return { thing };
  },
  moves: toy.moves.filter(({ name }) => ["delete-thing", "update-thing", "create-needing-it", "scan"].includes(name)),
};

/** The same with a delete under way. */
export const toyDeleting = deleting(toy, "delete-thing", "thing", [scan, reclaim]);

/** The same with a thing that was left behind by a delete whose step was skipped. */
export const toyLeft: Stage = {
  ...toy,
  name: "toy-left",
  async furnish(hands, pass) {
    const things = await toyDeleting.furnish(hands, pass);
    await skip("thing").ask(hands, things);
    await pass(LONG);
    return things;
  },
  moves: [reclaim, scan, ...toy.moves.filter(({ name }) => name === "create-named")],
};
