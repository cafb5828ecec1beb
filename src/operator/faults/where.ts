import type { CallFault, StepFault } from "../../faults/index.ts";
import { findResource, type Kind, type Resource } from "../../lifecycle/index.ts";
import type { Operation, Service } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";
import { mustBeOperation, mustBeService, unknown } from "../names.ts";
import type { FaultBody } from "./body.ts";

type OnWire = Pick<CallFault, "service" | "operation" | "resource" | "tenant">;
type OnStep = Pick<StepFault, "kind" | "verb" | "step" | "resource" | "tenant">;

const FIELDS = {
  call: ["service", "operation", "resource", "tenant"],
  gone: ["service", "operation", "resource", "tenant"],
  step: ["kind", "verb", "step", "resource", "tenant"],
} as const;
const PLACES = ["service", "operation", "kind", "verb", "step", "resource", "tenant"] as const;

/** @throws where the fields are not for this sort of fault, or there is none */
export function mustHavePlace(body: FaultBody): void {
  const allowed: readonly string[] = FIELDS[body.on];
  const wrong = PLACES.filter((name) => body[name] !== undefined && !allowed.includes(name));
  if (wrong.length > 0)
    throw refuse.invalid(`a fault on a ${body.on} has no ${wrong.join(", ")}`, `it may have ${allowed.join(", ")}`);
  if (allowed.every((name) => body[name as (typeof PLACES)[number]] === undefined))
    throw refuse.invalid("the fault does not say where", `say at least one of ${allowed.join(", ")}`);
}

async function mustBeResource({ store }: Desk, id: string, tenant: string | undefined): Promise<Resource> {
  const found = await store.read((session) => findResource(session, id));
  if (!found) throw refuse.invalid(`there is no resource ${id}`, "a fault can only be on what is there");
  if (tenant !== undefined && tenant !== found.tenant)
    throw refuse.invalid(`${found.kind} ${id} is of tenant ${found.tenant}, not of ${tenant}`, "leave the tenant out");
  return found;
}

/** A project, or for calls that name none, an account. */
async function mustBeTenant({ store, knowsProject }: Desk, id: string, accounts: boolean): Promise<void> {
  if (await knowsProject(id)) return;
  const account = await store.read((session) => session.get("SELECT 1 AS one FROM iam_domains WHERE id = ?", [id]));
  if (!account) throw refuse.invalid(`there is no tenant ${id}`, "a tenant is the id of a project");
  if (!accounts) throw refuse.invalid(`${id} is an account: its things belong to its projects`, "name a project");
}

export async function placeOnWire(body: FaultBody, desk: Desk): Promise<OnWire> {
  const { tenant, resource } = body;
  const named = body.service === undefined ? undefined : mustBeService(desk.services, body.service);
  const found = body.operation === undefined ? undefined : mustBeOperation(desk.services, body.operation, named);
  const service = named ?? found?.service;
  if (tenant !== undefined) await mustBeTenant(desk, tenant, true);
  if (tenant !== undefined && found?.op.access === "anyone")
    throw refuse.invalid(`${found.op.id} takes no credentials: a call of it has no tenant`, "leave the tenant out");
  if (resource !== undefined) mustHaveKind(service, await mustBeResource(desk, resource, ofProject(tenant, found?.op)));
  return defined({ service: service?.name, operation: found?.op.id, resource, tenant });
}

/** A tenant that is an account is not compared with a resource's. */
const ofProject = (tenant: string | undefined, op: Operation | undefined) =>
  op?.access === "account" ? undefined : tenant;

function mustHaveKind(service: Service | undefined, { kind, id }: Resource): void {
  if (!service || service.kinds.some(({ name }) => name === kind)) return;
  throw refuse.invalid(`${id} is a ${kind}, which ${service.name} does not have`, "leave the service out");
}

export async function placeOfStep(body: FaultBody, desk: Desk): Promise<OnStep> {
  const { verb, step, tenant, resource } = body;
  if (tenant !== undefined) await mustBeTenant(desk, tenant, false);
  const one = resource === undefined ? undefined : await mustBeResource(desk, resource, tenant);
  if (one && one.goneAt !== null)
    throw refuse.invalid(`${one.kind} ${one.id} is gone: no step of it runs again`, "name one that is there");
  if (one && body.kind !== undefined && body.kind !== one.kind)
    throw refuse.invalid(`${one.id} is a ${one.kind}, not a ${body.kind}`, "leave the kind out");
  const kinds = kindsFor(desk, body.kind ?? one?.kind);
  mustKnow("verb", verb, kinds, (kind) => Object.keys(kind.verbs));
  mustKnow("step", step, kinds, (kind) => Object.keys(kind.steps));
  if (!kinds.some((kind) => mayRun(kind, verb, step)))
    throw refuse.invalid(
      `${verb === undefined ? "it" : `${verb} of ${namesOf(kinds)}`} has no step${step === undefined ? "" : ` ${step}`}`,
      "what has no step is done in the write that accepts it: a fault on the call can hit it",
    );
  return defined({ kind: body.kind, verb, step, resource, tenant });
}

function kindsFor({ lifecycle }: Desk, name: string | undefined): readonly Kind[] {
  const all = lifecycle.kinds;
  if (name === undefined) return all;
  const found = all.find((kind) => kind.name === name);
  if (found) return [found];
  throw unknown(
    "kind",
    name,
    all.map((kind) => kind.name),
  );
}

function mustKnow(
  what: string,
  name: string | undefined,
  kinds: readonly Kind[],
  namesIn: (kind: Kind) => string[],
): void {
  const known = [...new Set(kinds.flatMap(namesIn))];
  if (name !== undefined && known.length > 0 && !known.includes(name)) throw unknown(what, name, known);
}

const namesOf = (kinds: readonly Kind[]) => (kinds.length === 1 ? kinds[0]?.name : "any kind");

/**
 * A plan that looks at no resource is the same for all of them; of the others every step may be run. What has never held
 * anything has nothing to be reclaimed.
 */
function mayRun(kind: Kind, verbName: string | undefined, step: string | undefined): boolean {
  const holds = Object.values(kind.steps).some((one) => one.takes !== undefined);
  const verbs = Object.entries(kind.verbs).filter(([name]) => verbName === undefined || name === verbName);
  return verbs.some(([, verb]) => {
    if (verb.aside && !holds) return false;
    const steps = verb.plan.length === 0 ? (verb.plan as () => readonly string[])() : Object.keys(kind.steps);
    return step === undefined ? steps.length > 0 : steps.includes(step);
  });
}

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
