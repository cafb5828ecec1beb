import { createHash } from "node:crypto";
import type { Domain, ThingsOf } from "../port.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How one type of thing behaves in the simulated world. Durations are virtual ms at pace `real`. */
export interface Behaviour<Spec, Facts> {
  make: number;
  change: number;
  unmake: number;
  /** What a look at the made thing answers. */
  facts(spec: Spec, ref: string): Facts;
  /** The thing is there without being made, in this shape. */
  from?: Spec;
  /** What the thing takes of a bounded pool; the pools' sizes are settings. */
  takes?(spec: Spec): { pool: string; units: number };
}

export type Behaviours = {
  [D in Domain]: {
    [T in keyof ThingsOf<D>]: ThingsOf<D>[T] extends { spec: infer S; facts: infer F } ? Behaviour<S, F> : never;
  };
};

/** A stable private address: the same thing keeps it, two things hardly share one. */
function addressOf(ref: string, network: string): string {
  const hash = createHash("sha256").update(ref).digest();
  return `${network}.${hash.readUInt8(0)}.${1 + (hash.readUInt8(1) % 254)}`;
}

const tokenOf = (ref: string) => createHash("sha256").update(`token of ${ref}`).digest("hex").slice(0, 32);

export const BEHAVIOURS: Behaviours = {
  servers: {
    machine: {
      make: 0,
      change: 2 * MINUTE,
      unmake: 0,
      from: { power: "on" },
      facts: (spec) => ({ power: spec.power === "off" ? "off" : "on" }),
    },
    os: {
      make: 20 * MINUTE,
      change: 2 * MINUTE,
      unmake: 10 * MINUTE,
      facts: (spec) => ({ addresses: spec.addresses }),
    },
    disks: { make: 0, change: 0, unmake: 5 * MINUTE, facts: () => ({}) },
    parts: {
      make: 0,
      change: 0,
      unmake: 0,
      from: {},
      facts: () => ({ made: {}, processors: [], memory: [], storage: [], fans: [], powers: [] }),
    },
  },
  notebooks: {
    volume: { make: 10 * SECOND, change: 0, unmake: 10 * SECOND, facts: () => ({}) },
    container: {
      make: 40 * SECOND,
      change: 0,
      unmake: 20 * SECOND,
      facts: (_spec, ref) => ({
        url: `https://notebook.ebb.test/hub/user/${ref}`,
        token: tokenOf(ref),
      }),
      takes: (spec) => ({ pool: spec.flavor, units: 1 }),
    },
  },
  databases: {
    storage: { make: MINUTE, change: 0, unmake: MINUTE, facts: () => ({}) },
    node: {
      make: 8 * MINUTE,
      change: 2 * MINUTE,
      unmake: 3 * MINUTE,
      facts: (_spec, ref) => ({ address: addressOf(ref, "192.168") }),
      takes: (spec) => ({ pool: spec.flavor, units: 1 }),
    },
    proxy: {
      make: 5 * MINUTE,
      change: 30 * SECOND,
      unmake: 2 * MINUTE,
      facts: (spec, ref) => ({ address: addressOf(ref, "192.168"), port: spec.port }),
      takes: (spec) => ({ pool: `proxy/${spec.flavor}`, units: spec.nodes }),
    },
  },
  inference: {
    reservation: {
      make: MINUTE,
      change: MINUTE,
      unmake: 30 * SECOND,
      facts: () => ({}),
      takes: (spec) => ({ pool: spec.flavor, units: spec.min }),
    },
    replicas: {
      make: 4 * MINUTE,
      change: 2 * MINUTE,
      unmake: 2 * MINUTE,
      facts: () => ({}),
    },
    run: {
      make: 20 * SECOND,
      change: 3 * MINUTE,
      unmake: 5 * SECOND,
      facts: (spec) => ({ ended: spec.going ? "succeeded" : null }),
    },
  },
};
