import { NotAccepted } from "../../src/lifecycle/index.ts";
import {
  LOCAL_DOMAIN_ID,
  LOCAL_DOMAIN_NAME,
  LOCAL_PROJECT_ID,
  LOCAL_REGION,
  LOCAL_USER_ID,
  LOCAL_USER_NAME,
} from "../../src/settings/local-account.ts";
import type { Session } from "../../src/store/index.ts";
import { type About, Fault, type Operation, type Principal, type Service } from "../../src/wire/index.ts";
import type { Made, Teller } from "../../test/stories/index.ts";
import type { FailOnce } from "./fail-once.ts";
import type { KillHouse } from "./house.ts";
import type { Journal } from "./journal.ts";
import type { Killer } from "./killer.ts";
import type { Time } from "./time.ts";

const PRINCIPAL: Principal = {
  userId: LOCAL_USER_ID,
  userName: LOCAL_USER_NAME,
  domainId: LOCAL_DOMAIN_ID,
  domainName: LOCAL_DOMAIN_NAME,
  project: { id: LOCAL_PROJECT_ID, name: LOCAL_REGION },
  may: () => true,
};

export interface Said {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a client looks into whatever came back
  body: any;
}

export interface ScriptHouse extends KillHouse {
  /** A number in [0, 1) that follows from the run's seed and the name; 1/6 in the run that goes through every point. */
  chance(name: string): number;
  journal: Journal;
  killer: Killer;
  failOnce: FailOnce;
  time: Time;
}

/** What stands in an id's place when its thing could not be made. */
const NOT_MADE = "00000000-0000-4000-8000-000000000000";

/**
 * What a client does in one tale, stage by stage. It is run anew in each life: a stage that is done answers what it
 * answered then, and a stage whose answer was lost is asked again, as a client would.
 */
export class Script implements Teller {
  readonly project = LOCAL_PROJECT_ID;
  readonly house: ScriptHouse;
  readonly #tale: string;
  #waits = 0;
  #patient = false;

  constructor(house: ScriptHouse, tale: string) {
    this.house = house;
    this.#tale = tale;
  }

  /** Runs a stage unless it is done. */
  async once<T>(name: string, act: (again: boolean) => Promise<T>): Promise<T> {
    const { journal } = this.house;
    const stage = `${this.#tale}: ${name}`;
    const done = journal.all("done").find((one) => one.stage === stage);
    if (done) return done.value as T;
    const again = journal.all("asked").some((one) => one.stage === stage);
    if (!again) journal.write({ is: "asked", stage });
    const value = await act(again);
    journal.write({ is: "done", stage, value: value ?? null });
    return value;
  }

  /** From here on every step fails for good once, and what cannot be done because of that is borne. */
  failEverything(): void {
    this.#patient = true;
    this.house.failOnce.on = true;
  }

  /** How many steps have failed for good, at the time that is called so. */
  failures(when: string): Promise<number> {
    const { journal } = this.house;
    return this.once(when, async () => journal.all("seen").filter(({ label }) => label.startsWith("fail ")).length);
  }

  /** What a tale needs before it begins: nothing is killed meanwhile, where everything else is. */
  async prepare<T>(act: () => Promise<T>): Promise<T> {
    return this.house.killer.spare(act);
  }

  /** Creates a thing under a name of its own, or finds what a lost answer has created; answers its id. */
  make(kind: string, name: string, path: string, body: object): Promise<string> {
    return this.once(`make ${kind} ${name}`, async () => {
      const lost = await this.find(kind, name);
      if (lost !== undefined) return lost;
      await this.#mustSucceed("POST", path, body);
      const id = await this.find(kind, name);
      if (id === undefined && this.#patient) return NOT_MADE;
      if (id === undefined) throw new Error(`${kind} ${name} was accepted and is not there`);
      this.house.journal.write({ is: "accepted", id, verb: "create" });
      return id;
    });
  }

  /** Starts something that may be too late: it is refused then. */
  perhaps(name: string, method: string, path: string, body?: object): Promise<void> {
    return this.once(`${name} ${path}`, async () => void (await this.call(method, path, body)));
  }

  /** Starts something. Asked again after a lost answer, it may be refused because it has been started. */
  act(name: string, method: string, path: string, body?: object): Promise<void> {
    return this.once(`${name} ${path}`, async (again) => {
      if (again) await this.call(method, path, body);
      else await this.#mustSucceed(method, path, body);
    });
  }

  /** Deletes a thing, and asks for the same again at once. It may be gone by then, and by nothing else be refused. */
  remove({ id, remove: [method, path, body] }: Made): Promise<void> {
    return this.once(`remove ${id}`, async () => {
      for (let turn = 0; turn < 2; turn++) {
        const { status, body: said } = await this.call(method, path, body);
        if (status < 300) this.house.journal.write({ is: "accepted", id, verb: "delete" });
        else if (!(await this.isGone(id))) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(said)}`);
      }
    });
  }

  /** Tears down these things with everything inside, and asks for the same again at once. */
  tearDown(ids: readonly string[], ask = 1): Promise<void> {
    return this.once(`tear down ${ids.join(", ")} ${ask}`, async () => {
      for (let turn = 0; turn < 2; turn++) {
        const left: string[] = [];
        for (const id of ids) if (!(await this.isGone(id))) left.push(id);
        if (left.length === 0) return;
        const { teardown } = await this.house.house.lifecycle.tearDown({ ids: left, inside: true }, "a client");
        this.house.journal.write({ is: "accepted", id: teardown.id, verb: "delete" });
        for (const id of left) this.house.journal.write({ is: "accepted", id, verb: "delete" });
      }
    });
  }

  /** Leaves every step undone at which a delete stands, until no operation runs. */
  async skipAll(reason: string): Promise<void> {
    for (let turn = 1; await this.once(`skip ${turn}`, () => this.#skipOne(reason)); turn++);
  }

  /** Skips the step at which the oldest running delete stands, or lets time pass where none does. False when nothing runs. */
  async #skipOne(reason: string): Promise<boolean> {
    const { house, time } = this.house;
    await time.quiet();
    const sql = `SELECT o.id, o.plan, o.step FROM operations o JOIN resources r ON r.id = o.resource_id
      WHERE o.state = 'running' AND o.verb = 'delete' AND r.name LIKE ? ORDER BY o.accepted_at, o.id LIMIT 1`;
    const mine = [`${this.#tale}-%`];
    const row = await this.read((session) => session.get<{ id: string; plan: string; step: number }>(sql, mine));
    if (!row) return time.next();
    const { steps } = JSON.parse(row.plan) as { steps: string[] };
    await house.lifecycle.skip({ operationId: row.id, step: steps[row.step] ?? "", reason, requestId: "a client" });
    return true;
  }

  /** Takes back whatever has leaked. */
  async reclaim(): Promise<void> {
    await this.once("reclaim", async () => {
      for (let turn = 0; turn < 2; turn++) await this.house.house.lifecycle.reclaim({ requestId: "a client" });
    });
  }

  /** Waits until nothing runs any more, however much virtual time that takes. */
  settle(): Promise<void> {
    return this.once(`wait ${++this.#waits}`, () => this.house.time.settle());
  }

  /** To a time that is chosen once: killed over and over in between, it comes there all the same. */
  async pass(ms: number): Promise<void> {
    const { time } = this.house;
    const name = `wait ${++this.#waits}`;
    const end = await this.once(`the end of ${name}`, async () => time.now() + ms);
    await this.once(name, () => time.passTo(end));
  }

  /** Lets some time pass: a sixth of `most`, or a part of it that the seed chooses. */
  moment(most: number): Promise<void> {
    return this.pass(Math.round(most * this.house.chance(`${this.#tale}/${this.#waits}`)));
  }

  read<T>(ask: (session: Session) => Promise<T>): Promise<T> {
    return this.house.house.lifecycle.store.read(ask);
  }

  async find(kind: string, name: string): Promise<string | undefined> {
    const sql = "SELECT id FROM resources WHERE kind = ? AND name = ? ORDER BY seq LIMIT 1";
    return (await this.read((session) => session.get<{ id: string }>(sql, [kind, name])))?.id;
  }

  async isGone(id: string): Promise<boolean> {
    const sql = "SELECT id FROM resources WHERE id = ? AND gone_at IS NULL";
    return (await this.read((session) => session.get(sql, [id]))) === undefined;
  }

  async #mustSucceed(method: string, path: string, body?: object): Promise<Said> {
    const said = await this.call(method, path, body);
    if (said.status >= 300 && !this.#patient)
      throw new Error(`${method} ${path}: ${said.status} ${JSON.stringify(said.body)}`);
    return said;
  }

  /** One request, from behind the front door. */
  async call(method: string, target: string, body: object = {}): Promise<Said> {
    const { house, services } = this.house;
    const [path = "", search = ""] = target.split("?");
    const { operation, service, params } = route(services, method, path);
    const requestId = house.ids.hex32();
    const about: About = { requestId, language: "en-us", operationId: operation.id };
    const caller = { tenant: this.project, userId: LOCAL_USER_ID, requestId };
    const query = Object.fromEntries(new URLSearchParams(search));
    const call = { params, query, body, caller, ...about, principal: PRINCIPAL, headers: {}, endpoint: "http://ebb" };
    try {
      const reply = await operation.handle(call, house);
      return { status: reply.status ?? operation.success, body: reply.body };
    } catch (error) {
      if (error instanceof Fault) return error.say(about);
      const said = error instanceof NotAccepted && service.dialect({ is: "not-accepted", error }, about);
      if (said) return said;
      throw error;
    }
  }
}

function route(services: readonly Service[], method: string, path: string) {
  for (const service of services) {
    for (const operation of service.operations) {
      if (operation.method !== method) continue;
      const params = match(operation, path);
      if (params) return { operation, service, params };
    }
  }
  throw new Error(`nothing answers ${method} ${path}`);
}

function match({ path: template }: Operation, path: string): Record<string, string> | undefined {
  const [wanted, given] = [template.split("/"), path.split("/")];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name) params[name] = given[index] ?? "";
    else if (part !== given[index]) return undefined;
  }
  return params;
}
