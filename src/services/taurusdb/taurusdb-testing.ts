import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Answer, type Asker, type Ebb, type EbbOptions, startEbb } from "../../../test/harness.ts";
import { Refusal } from "../../drivers/port.ts";

export type { Answer } from "../../../test/harness.ts";
export { START } from "../../../test/harness.ts";

const MINUTE = 60_000;
/** Long enough for anything that is not stuck. */
export const A_WHILE = 30 * MINUTE;

export const FLAVOR = "gaussdb.mysql.xlarge.x86.4";
export const PROXY_FLAVOR = "gaussdb.proxy.large.x86.2";
export const VPC = "0a6d1111-2222-4333-8444-555566667777";
export const SUBNET = "5e0c9a71-3d42-4b8f-8a16-c7f20d9be431";
export const PASSWORD = "Orders-db-9";

/** A creation's body: one replica, paid for afterwards. */
export const newInstance = (overrides: object = {}) => ({
  region: "eu-local-1",
  name: "orders-db",
  datastore: { type: "gaussdb-mysql", version: "8.0.22" },
  mode: "Cluster",
  flavor_ref: FLAVOR,
  vpc_id: VPC,
  subnet_id: SUBNET,
  security_group_id: "d41b1111-2222-4333-8444-555566667777",
  password: PASSWORD,
  availability_zone_mode: "single",
  slave_count: 1,
  ...overrides,
});

export const newProxy = (overrides: object = {}) => ({ flavor_ref: PROXY_FLAVOR, node_num: 2, ...overrides });

export interface Databases {
  ebb: Ebb;
  /** `/v3/<project of the first account>` */
  base: string;
  ask: Asker["ask"];
  instances: {
    create(overrides?: object): Promise<Answer>;
    /** The id of a database that is up. */
    up(overrides?: object): Promise<string>;
    show(id: string): Promise<Answer>;
    delete(id: string): Promise<Answer>;
  };
  proxies: {
    create(instance: string, overrides?: object): Promise<Answer>;
    /** The id of a proxy that is up. */
    up(instance: string, overrides?: object): Promise<string>;
    list(instance: string, query?: string): Promise<Answer>;
    /** Without `ids` the request has no body at all. */
    delete(instance: string, ids?: unknown): Promise<Answer>;
    /** Statuses by id. */
    statuses(instance: string): Promise<Record<string, string>>;
  };
  job(id: string): Promise<Answer>;
  jobStatus(id: string): Promise<string>;
  /** Nothing is held, and nothing of it is left in the world. */
  assertClean(): Promise<void>;
}

/** A whole Ebb, and short ways to ask its databases as the first account. */
export async function startDatabases(t: TestContext, options?: EbbOptions): Promise<Databases> {
  const ebb = await startEbb(t, options);
  const base = `/v3/${ebb.one.projectId}`;
  const { ask } = ebb.one;
  const job = (id: string) => ask("GET", `${base}/jobs?id=${id}`);
  const instances = instanceCalls(ebb, base);
  return {
    ebb,
    base,
    ask,
    instances,
    proxies: proxyCalls(ebb, base),
    job,
    jobStatus: async (id) => (await job(id)).body.job?.status,
    async assertClean() {
      const { store } = ebb.house.lifecycle;
      const open = await store.read((session) => session.all("SELECT * FROM holdings WHERE released_at IS NULL", []));
      assert.deepEqual(open, []);
      assert.deepEqual(await ebb.house.drivers.databases.marked(), []);
    },
  };
}

function instanceCalls(ebb: Ebb, base: string): Databases["instances"] {
  const { ask } = ebb.one;
  const create = (overrides?: object) => ask("POST", `${base}/instances`, newInstance(overrides));
  return {
    create,
    async up(overrides) {
      const { status, body } = await create(overrides);
      assert.equal(status, 201, JSON.stringify(body));
      await ebb.pass(A_WHILE);
      return String(body.instance.id);
    },
    show: (id) => ask("GET", `${base}/instances/${id}`),
    delete: (id) => ask("DELETE", `${base}/instances/${id}`),
  };
}

function proxyCalls(ebb: Ebb, base: string): Databases["proxies"] {
  const { ask } = ebb.one;
  const path = (instance: string) => `${base}/instances/${instance}`;
  const list = (instance: string, query = "") => ask("GET", `${path(instance)}/proxies${query}`);
  const create = (instance: string, overrides?: object) => ask("POST", `${path(instance)}/proxy`, newProxy(overrides));
  const statuses = async (instance: string) => {
    const { proxy_list: all } = (await list(instance)).body;
    const pairs = all.map(({ proxy }: { proxy: { pool_id: string; status: string } }) => [proxy.pool_id, proxy.status]);
    return Object.fromEntries(pairs) as Record<string, string>;
  };
  return {
    create,
    list,
    statuses,
    async up(instance, overrides) {
      const { status, body } = await create(instance, overrides);
      assert.equal(status, 201, JSON.stringify(body));
      const being = Object.entries(await statuses(instance)).filter(([, state]) => state === "ENABLING PROXY");
      assert.equal(being.length, 1);
      await ebb.pass(A_WHILE);
      return String(being[0]?.[0]);
    },
    delete: (instance, ids) =>
      ask("DELETE", `${path(instance)}/proxy`, ids === undefined ? undefined : { proxy_ids: ids }),
  };
}

/** A refusal of the world that waiting does not change. */
export const forGood = (reason: string): Refusal =>
  new Refusal(reason, { owner: "a person", hint: "repair it", forGood: true });

export function assertRefused({ status, body }: Answer, expected: number, code: string): void {
  assert.deepEqual([status, body?.error_code], [expected, `DBS.${code}`], JSON.stringify(body));
  assert.equal(typeof body.error_msg, "string");
  assert.deepEqual(Object.keys(body), ["error_code", "error_msg"]);
}
