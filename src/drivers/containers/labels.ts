import type { Domain, Marked, Stamp } from "../port.ts";

/** What every container, volume and network of Ebb carries. */
const MARK = "ebb.mark";
const DOMAIN = "ebb.domain";
const REF = "ebb.ref";
const TYPE = "ebb.type";

export type Labels = Record<string, string>;

/** One thing of the world, as a call names it. */
export interface Named {
  mark: string;
  domain: Domain;
  type: string;
  ref: string;
}

/** Its name in the engine: found again from the ref alone, whatever a crash has left of the call. */
export const nameOf = (mark: string, ref: string): string => `${mark}-${ref}`;

/** `more` is what a thing of this type has to find again, under names of its own. */
export function labelsOf(thing: Named, stamp: Stamp, more: Labels = {}): Labels {
  const own = Object.fromEntries(Object.entries(more).map(([name, value]) => [`ebb.${name}`, value]));
  return {
    [MARK]: thing.mark,
    [DOMAIN]: thing.domain,
    [TYPE]: thing.type,
    [REF]: thing.ref,
    "ebb.kind": stamp.kind,
    "ebb.resource": stamp.resourceId,
    "ebb.tenant": stamp.tenant,
    "ebb.incarnation": stamp.incarnation,
    "ebb.operation": stamp.operationId,
    "ebb.fence": String(stamp.fence),
    ...own,
  };
}

/** The value of one of Ebb's labels. */
export const labelOf = (labels: Labels | undefined, name: string): string | undefined => labels?.[`ebb.${name}`];

/** Filter of the engine's lists for everything with the mark, or for that of one domain. */
export const filterOf = (mark: string, domain?: Domain, more: Labels = {}): string[] => [
  `${MARK}=${mark}`,
  ...(domain ? [`${DOMAIN}=${domain}`] : []),
  ...Object.entries(more).map(([name, value]) => `ebb.${name}=${value}`),
];

/** It is the thing that Ebb made under this ref, and not somebody else's of the same name. */
export const isOurs = (labels: Labels | undefined, mark: string, ref: string): boolean =>
  labels?.[MARK] === mark && labels[REF] === ref;

/** Each thing once, though it may be a container and a volume. */
export function markedBy(all: readonly (Labels | undefined)[]): Marked[] {
  const things = new Map<string, Marked>();
  for (const labels of all) {
    const [ref, type] = [labels?.[REF], labels?.[TYPE]];
    if (ref !== undefined && type !== undefined) things.set(ref, { ref, type });
  }
  return [...things.values()].toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
}
