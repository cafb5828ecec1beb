import type { Domain, Drivers, Host, Look, Stamp, ThingsOf } from "../drivers/port.ts";
import type { Answer, Step, Taking, Work } from "./kinds.ts";
import { listResources, type Resource } from "./resources.ts";

/** What a resource's things are called in the world: found again from the resource alone, after any crash. */
export const refOf = (resource: Resource, type: string): string => `${type}-${resource.id}-${resource.incarnation}`;

export const stampOf = ({ resource, operation }: Work): Stamp => ({
  tenant: resource.tenant,
  kind: resource.kind,
  resourceId: resource.id,
  incarnation: resource.incarnation,
  operationId: operation.id,
  fence: operation.fence,
});

export type AnyHost = Host<Record<string, { spec: object; facts: object }>>;
export const hostOf = (drivers: Drivers, domain: Domain): AnyHost => drivers[domain];

const underWay = (look: Extract<Look<object>, { again: number }>, ref: string): Answer => ({
  is: "not-yet",
  again: look.again,
  ...(look.pushed === true ? { performs: true } : {}),
  waitingFor: `${ref} is ${look.is}${look.endsBy === undefined ? "" : `, until ${look.endsBy}`}`,
});

/** Makes one thing, after it is written down as held, and waits until the world has it. */
export function makes<D extends Domain, T extends keyof ThingsOf<D> & string>(options: {
  domain: D;
  type: T;
  spec: (resource: Resource, work: Work) => ThingsOf<D>[T]["spec"] | Promise<ThingsOf<D>[T]["spec"]>;
  /** What the resource learns from the made thing. */
  facts?: (facts: ThingsOf<D>[T]["facts"], resource: Resource) => Record<string, unknown>;
  deadlineMs?: number;
}): Step {
  const { domain, type, deadlineMs } = options;
  const taking = (resource: Resource): Taking => ({ domain, type, ref: refOf(resource, type) });
  return {
    takes: (resource) => [taking(resource)],
    async perform(work) {
      await hostOf(work.drivers, domain).make(
        type,
        refOf(work.resource, type),
        await options.spec(work.resource, work),
        stampOf(work),
      );
    },
    async probe({ drivers, resource }) {
      const ref = refOf(resource, type);
      const look = await hostOf(drivers, domain).look(type, ref);
      if (look.is === "ready") return { is: "done", facts: options.facts?.(look.facts, resource) };
      if (look.is === "broken") return { ...look, is: "refused", forGood: true };
      if (look.is === "absent") throw new Error(`${ref} was asked for and is not there`);
      return underWay(look, ref);
    },
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  };
}

const isLost = (look: Look<object>): boolean => look.is === "absent" || look.is === "broken";

/** Changes a thing that is held, and waits until the world says it is as asked. */
export function changes<D extends Domain, T extends keyof ThingsOf<D> & string>(options: {
  domain: D;
  type: T;
  /** Defaults to the thing that `makes` makes for the resource. */
  ref?: (resource: Resource) => string;
  spec: (resource: Resource) => Partial<ThingsOf<D>[T]["spec"]>;
  facts?: (facts: ThingsOf<D>[T]["facts"], resource: Resource) => Record<string, unknown>;
  /** What an absent or broken thing means here: a refusal by default. A delete that drains first goes on. */
  lost?: "refused" | "done";
}): Step {
  const { domain, type } = options;
  const refFor = options.ref ?? ((resource: Resource) => refOf(resource, type));
  return {
    async perform(work) {
      const host = hostOf(work.drivers, domain);
      const ref = refFor(work.resource);
      if (options.lost === "done" && isLost(await host.look(type, ref))) return;
      await host.change(type, ref, options.spec(work.resource), stampOf(work));
    },
    async probe({ drivers, resource }) {
      const ref = refFor(resource);
      const look = await hostOf(drivers, domain).look(type, ref);
      if (look.is === "ready") return { is: "done", facts: options.facts?.(look.facts, resource) };
      if (options.lost === "done" && isLost(look)) return { is: "done" };
      if (look.is === "broken") return { ...look, is: "refused" };
      if (look.is === "absent")
        return {
          is: "refused",
          reason: `${ref} is not in the world`,
          owner: "an operator",
          hint: "delete the resource: what it should stand for is gone",
        };
      return underWay(look, ref);
    },
  };
}

/** Unmakes everything of these types that the resource holds, and is done when the world has none of it. */
export function unmakes(domain: Domain, ...types: readonly string[]): Step {
  const mine = (work: Work) => work.held.filter((one) => one.domain === domain && types.includes(one.type));
  return {
    releases: types,
    async perform(work) {
      for (const { type, ref } of mine(work)) await hostOf(work.drivers, domain).unmake(type, ref, stampOf(work));
    },
    async probe(work) {
      const seen: string[] = [];
      for (const { type, ref } of mine(work)) {
        const look = await hostOf(work.drivers, domain).look(type, ref);
        if (look.is === "absent") seen.push(ref);
        else if (look.is === "broken") return { ...look, is: "refused" };
        else
          return look.is === "ready"
            ? { is: "not-yet", again: 1_000, waitingFor: `${ref} is still there` }
            : underWay(look, ref);
      }
      return {
        is: "gone",
        proof: seen.length > 0 ? `${domain} answered absent for ${seen.join(", ")}` : "nothing was held",
      };
    },
  };
}

/** Of many, the first say enough. */
const SAID = 50;

/** How a step says that it waits for other resources. */
export const waitingForAll = (left: readonly Resource[]): { waitingFor: string; on: string[] } => ({
  waitingFor: left.map((one) => `${one.kind} ${one.id}`).join(", "),
  on: left.slice(0, SAID).map((one) => one.id),
});

const idsOfStuck = (children: readonly Resource[]): string[] =>
  children
    .filter((child) => child.error !== null)
    .slice(0, SAID)
    .map((child) => child.id);

/** Waits until no child of these kinds is left; says which child is in the way when one has stopped. */
export function childrenGone(...kinds: readonly string[]): Step {
  return {
    perform: async () => {},
    async probe({ resource, read }) {
      const left = await read((session) => listResources(session, { kind: kinds, parents: [resource.id] }));
      const stuck = left.find((child) => child.error !== null);
      if (stuck) {
        const { reason, owner, hint } = stuck.error ?? { reason: "", owner: "", hint: "" };
        return {
          is: "refused",
          reason: `${stuck.kind} ${stuck.id} is ${stuck.state}: ${reason}`,
          owner,
          hint: `${hint}; then delete ${stuck.id} again`,
          on: idsOfStuck(left),
        };
      }
      if (left.length > 0)
        return {
          is: "not-yet",
          again: 60_000,
          ...waitingForAll(left),
        };
      return { is: "done" };
    },
  };
}

/** Waits until every child of these kinds has reached `state`. */
export function childrenAre(state: string, ...kinds: readonly string[]): Step {
  return {
    perform: async () => {},
    async probe({ resource, read }) {
      const children = await read((session) => listResources(session, { kind: kinds, parents: [resource.id] }));
      const stuck = children.find((child) => child.error !== null);
      if (stuck)
        return {
          is: "refused",
          reason: `${stuck.kind} ${stuck.id} is ${stuck.state}: ${stuck.error?.reason}`,
          owner: "an operator",
          hint: "delete and create again",
          forGood: true,
          on: idsOfStuck(children),
        };
      const waiting = children.filter((child) => child.state !== state);
      if (waiting.length > 0)
        return {
          is: "not-yet",
          again: 60_000,
          ...waitingForAll(waiting),
        };
      return { is: "done" };
    },
  };
}
