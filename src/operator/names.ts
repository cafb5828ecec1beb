import type { Operation, Service } from "../wire/index.ts";
import { refuse } from "./dialect.ts";

/** Names that are so much longer or different are no slip of the finger. */
const SLIP = 3;

/** How many letters have to be changed, added or left out to get from one word to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(same, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const low = name.toLowerCase();
  const ranked = known
    .map((one) => ({ one, far: one.toLowerCase().includes(low) ? 0 : distance(low, one.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far);
  return ranked[0] && ranked[0].far <= SLIP ? ranked[0].one : undefined;
}

/** The refusal of a name that nothing has, with what was perhaps meant. */
export function unknown(what: string, name: string, known: readonly string[]): Error {
  const near = nearest(name, known);
  return refuse.invalid(
    `there is no ${what} ${name}${near === undefined ? "" : `: did you mean ${near}?`}`,
    `known: ${known.join(", ")}`,
  );
}

/** What a service's kinds are called after, where that is not its name. */
const familyOf = ({ name, kinds }: Service): string => kinds[0]?.name.split(".")[0] ?? name;

/** The service of this name, or whose kinds bear it. */
export function mustBeService(services: readonly Service[], name: string): Service {
  const found = services.find((one) => one.name === name || familyOf(one) === name);
  if (found) return found;
  throw unknown("service", name, [...new Set(services.flatMap((one) => [familyOf(one), one.name]))]);
}

/** The operation by the vendor's name, and its service. */
export function mustBeOperation(
  services: readonly Service[],
  name: string,
  service?: Service,
): { service: Service; op: Operation } {
  const all = services.flatMap((one) => one.operations.map((op) => ({ service: one, op })));
  const found = all.find(({ op, service: its }) => op.id === name && (!service || its === service));
  if (found) return found;
  const elsewhere = all.find(({ op }) => op.id === name);
  if (elsewhere && service)
    throw refuse.invalid(
      `${name} is an operation of ${familyOf(elsewhere.service)}, not of ${familyOf(service)}`,
      "leave the service out, or name that one",
    );
  const within = all.filter(({ service: its }) => !service || its === service);
  throw unknown(
    "operation",
    name,
    within.map(({ op }) => op.id),
  );
}
