import { type Kind, makes, type Resource, refOf, unmakes } from "../src/lifecycle/index.ts";
import { THING } from "./kernel.ts";

/** A thing with a container and a volume in the world, which a delete takes away one after the other. */
export const PAIR: Kind = {
  name: "toy.pair",
  gone: "ENDED",
  verbs: {
    create: { ...THING.verbs.create!, plan: () => ["make-volume", "make-container"] },
    delete: { ...THING.verbs.delete!, plan: () => ["remove-container", "remove-volume"] },
  },
  steps: {
    "make-volume": makes({ domain: "notebooks", type: "volume", spec: () => ({ sizeGb: 5 }) }),
    "make-container": makes({
      domain: "notebooks",
      type: "container",
      spec: (pair) => ({ flavor: "small", image: "plain", volume: refOf(pair, "volume"), mount: "/" }),
    }),
    "remove-container": unmakes("notebooks", "container"),
    "remove-volume": unmakes("notebooks", "volume"),
  },
};

export const containerOf = (pair: Resource): string => refOf(pair, "container");
export const volumeOf = (pair: Resource): string => refOf(pair, "volume");
