import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Session } from "../store/index.ts";
import { Blocked, Busy, NotFound, WrongState } from "./errors.ts";
import { record } from "./events.ts";
import type { Verb } from "./kinds.ts";
import { insertResource, renameResource } from "./names.ts";
import { abort, findNewest, insertOperation, newOperation, type Operation, type Plan } from "./operations.ts";
import { append, type ReceiptBody } from "./receipts.ts";
import { type Filter, listResources, lockOwn, type Resource } from "./resources.ts";
import { type Cause, complete, type Kinds, kindOf, move } from "./settle.ts";

/** On whose behalf something is accepted. */
export interface Caller {
  tenant: string;
  userId: string;
  requestId: string;
  /** Aborted when the request has outlived its deadline: nothing is then accepted. */
  signal?: AbortSignal | undefined;
}

/** A resource to be created by its kind's `create` verb. */
export interface Birth {
  kind: string;
  id: string;
  parentId?: string;
  name: string;
  /** The name is taken while the resource lives. */
  unique?: boolean;
  spec: object;
  facts?: object;
  /** Resources that this one needs. */
  links?: readonly { target: string; role: string }[];
}

/** How an operation shows on the wire: the job it belongs to, and the service's name for that. */
export interface Job {
  jobId?: string;
  label?: string;
}

/** What an operation starts with instead of an id of its own, and of the verb's plan from its beginning. */
interface Start {
  id?: string;
  plan?: Plan;
  step?: number;
}

export interface Accepted {
  resource: Resource;
  operation: Operation;
  /** True when the same verb was already running: nothing was added. */
  again: boolean;
}

export interface AcceptingHouse {
  kinds: Kinds;
  clock: Clock;
  ids: Ids;
}

/** One accepting write: all that a request starts is guarded and written down together, or not at all. */
export class Accepting {
  readonly tx: Session;
  readonly now: number;
  readonly #house: AcceptingHouse;
  readonly #caller: Caller;
  readonly #receipts: ReceiptBody[] = [];

  constructor(tx: Session, house: AcceptingHouse, caller: Caller) {
    this.tx = tx;
    this.now = house.clock.now();
    this.#house = house;
    this.#caller = caller;
  }

  /** Ends the write: the receipts of what it has ended get their places in the chain. */
  async seal(): Promise<void> {
    for (const receipt of this.#receipts.splice(0)) await append(this.tx, receipt, this.now);
  }

  /** The tenant's live resource of this kind, locked until the write ends. Throws NotFound, also for another tenant's. */
  async get(kind: string, id: string): Promise<Resource> {
    const found = await lockOwn(this.tx, this.#caller.tenant, id);
    if (found?.kind !== kind) throw new NotFound(kind, id);
    if (found.goneAt !== null) throw new NotFound(kind, id, true);
    return found;
  }

  /** Keeps the tenant's other writers under this name waiting: for limits on a number, and for choosing among what is free. */
  alone(name: string): Promise<void> {
    return this.tx.lock(`${this.#caller.tenant}/${name}`);
  }

  /** The tenant's resources, in order of creation. Not locked. */
  list(filter: Omit<Filter, "tenant">): Promise<Resource[]> {
    return listResources(this.tx, { ...filter, tenant: this.#caller.tenant });
  }

  /** Creates a resource and starts its `create`. A parent or link target that is being deleted takes nothing on. */
  async create(birth: Birth, job: Job = {}): Promise<Accepted> {
    const verb = this.#verb(birth.kind, "create");
    for (const id of [birth.parentId, ...(birth.links ?? []).map((link) => link.target)])
      if (id) await this.#mustStay(id, birth.kind);
    if (verb.during === undefined) throw new Error(`${birth.kind} has no state to be created in`);
    const resource = await insertResource(this.tx, this.#born(birth, verb.during), birth.unique ?? false);
    for (const { target, role } of birth.links ?? []) {
      await this.tx.run("INSERT INTO links (resource_id, target_id, role) VALUES (?, ?, ?)", [birth.id, target, role]);
    }
    await this.#record("created", resource, null, { state: resource.state });
    return this.#start(resource, "create", verb, job);
  }

  /** Starts a verb, or answers the running operation when it is the same one again. */
  async submit(name: string, resource: Resource, job: Job & Start & { spec?: object } = {}): Promise<Accepted> {
    const verb = this.#verb(resource.kind, name);
    const newest = await findNewest(this.tx, resource.id);
    const running = newest?.state === "running" ? newest : undefined;
    const kind = kindOf(this.#house.kinds, resource.kind);
    const ends = (one: string | undefined) => one !== undefined && kind.verbs[one]?.then === kind.gone;
    if (running?.verb === name && ends(name)) return { resource, operation: running, again: true };
    // What is half deleted is not revived: the only way on is another delete.
    if (ends(resource.error?.verb) && !ends(name))
      throw new WrongState(resource.kind, resource.id, name, resource.state, []);
    const aside = running !== undefined && kind.verbs[running.verb]?.aside === true;
    const aborts = running !== undefined && (verb.aborts ?? []).includes(running.verb);
    if (running && !aborts && !aside) throw new Busy(resource.kind, resource.id, name, running.verb);
    if (!aborts && !verb.from.includes(resource.state))
      throw new WrongState(resource.kind, resource.id, name, resource.state, verb.from);
    await this.#guard(name, verb, resource);
    if (running) {
      await abort(this.tx, running, this.now);
      await this.#record("aborted", resource, running.id, { verb: running.verb, by: name });
    }
    const spec = { ...resource.spec, ...(await verb.writes?.(this.tx, resource)), ...job.spec };
    const moved = await move(this.tx, this.#house.kinds, resource, verb.during ?? resource.state, this.#cause(null), {
      spec,
      error: null,
    });
    return this.#start(moved, name, verb, job, newest);
  }

  /** Starts a verb's plan anew on a resource that stands in its state with nothing running. False when something runs. */
  async restart(name: string, resource: Resource): Promise<boolean> {
    const newest = await findNewest(this.tx, resource.id);
    if (newest?.state === "running") return false;
    await this.#start(resource, name, this.#verb(resource.kind, name), {}, newest);
    return true;
  }

  /** Changes what was asked for, or is known, with no operation: for what has no step in the world. */
  async change(
    resource: Resource,
    changes: { spec?: object; facts?: object; name?: string; state?: string },
  ): Promise<Resource> {
    if (changes.name !== undefined && changes.name !== resource.name)
      await renameResource(this.tx, resource, changes.name);
    const next = await move(this.tx, this.#house.kinds, resource, changes.state ?? resource.state, this.#cause(null), {
      spec: { ...resource.spec, ...changes.spec },
      facts: { ...resource.facts, ...changes.facts },
    });
    await this.#record("changed", next, null, { fields: Object.keys({ ...changes.spec, ...changes.facts }) });
    return { ...next, name: changes.name ?? next.name };
  }

  /** `before` is the resource's newest operation. */
  async #start(resource: Resource, name: string, verb: Verb, job: Job & Start, before?: Operation): Promise<Accepted> {
    const { id = this.#house.ids.uuid(), plan = { version: verb.version, steps: verb.plan(resource) } } = job;
    const { jobId = id, label = name, step = 0 } = job;
    // The next operation's fence is higher than that of all before it.
    const fence = (before?.fence ?? 0) + 1;
    const asked = { verb: name, plan, fence, requestId: this.#caller.requestId, jobId, label, step };
    const operation = newOperation(id, resource, asked, this.now);
    await insertOperation(this.tx, operation);
    await this.#record("accepted", resource, id, { verb: name, plan: operation.plan });
    await this.#cascade(name, verb, resource, operation.jobId);
    if (operation.step < operation.plan.steps.length) return { resource, operation, again: false };
    await this.tx.run("UPDATE operations SET state = 'done', finished_at = ? WHERE id = ?", [this.now, id]);
    const ended = await complete(this.tx, this.#house.kinds, operation, resource, this.now, async (receipt) => {
      this.#receipts.push(receipt);
    });
    return { resource: ended, operation: { ...operation, state: "done", finishedAt: this.now }, again: false };
  }

  async #cascade(name: string, verb: Verb, resource: Resource, jobId: string): Promise<void> {
    if (!verb.cascade?.length) return;
    for (const { id } of await listResources(this.tx, { kind: verb.cascade, parents: [resource.id] })) {
      const child = await lockOwn(this.tx, resource.tenant, id);
      if (child && child.goneAt === null) await this.submit(name, child, { jobId });
    }
  }

  async #guard(name: string, verb: Verb, resource: Resource): Promise<void> {
    const blockers = [];
    for (const guard of verb.guards ?? []) blockers.push(...(await guard(this.tx, resource)));
    const each = new Map(blockers.map((one) => [one.id, one]));
    if (each.size > 0) throw new Blocked(resource.kind, resource.id, name, [...each.values()]);
  }

  async #mustStay(id: string, forKind: string): Promise<void> {
    const other = await lockOwn(this.tx, this.#caller.tenant, id);
    if (!other) throw new NotFound(forKind, id);
    if (other.goneAt !== null) throw new NotFound(other.kind, id, true);
    const kind = kindOf(this.#house.kinds, other.kind);
    const ending = Object.values(kind.verbs).filter((verb) => verb.then === kind.gone);
    if (ending.some((verb) => verb.during === other.state))
      throw new WrongState(other.kind, id, "create inside", other.state, []);
  }

  #born(birth: Birth, state: string): Resource {
    const { kind, id, name, parentId = null } = birth;
    const { tenant, userId: createdBy } = this.#caller;
    const incarnation = this.#house.ids.hex32().slice(0, 8);
    const who = { id, kind, tenant, parentId, incarnation, name, createdBy };
    const what = { state, spec: { ...birth.spec }, facts: { ...birth.facts }, error: null };
    return { ...who, ...what, seq: 0, createdAt: this.now, updatedAt: this.now, goneAt: null };
  }

  #verb(kindName: string, name: string): Verb {
    const verb = kindOf(this.#house.kinds, kindName).verbs[name];
    if (!verb) throw new Error(`${kindName} has no verb ${name}`);
    return verb;
  }

  #cause(operationId: string | null): Cause {
    return { now: this.now, requestId: this.#caller.requestId, operationId };
  }

  #record(
    type: "created" | "accepted" | "aborted" | "changed",
    resource: Resource,
    operationId: string | null,
    data: Record<string, unknown>,
  ): Promise<void> {
    const { tenant, id: resourceId } = resource;
    return record(this.tx, {
      at: this.now,
      type,
      tenant,
      resourceId,
      operationId,
      requestId: this.#caller.requestId,
      data,
    });
  }
}
