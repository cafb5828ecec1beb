import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Answer, type Asker, type Ebb, type EbbOptions, startEbb } from "../../../test/harness.ts";
import { Refusal } from "../../drivers/port.ts";

export const IMAGE = "0a1b2c3d-1111-4222-8333-444455556666";
export const VPC = "9f8e7d6c-2222-4333-8444-555566667777";
export const SUBNET = "5e4d3c2b-3333-4444-8555-666677778888";
/** A well-formed id that nothing has. */
export const NOBODY = "01990000-aaaa-7bbb-8ccc-00000000dead";
export const PASSWORD = "Str0ng-Pass";

export const MINUTE = 60_000;
/** What the simulated world takes at pace `real`. */
export const INSTALLS_MS = 20 * MINUTE;
export const WIPES_MS = 5 * MINUTE;
/** A whole delete: the system is taken off, then the disks are wiped. */
export const UNINSTALLS_MS = 10 * MINUTE + WIPES_MS;
export const POWERS_MS = 2 * MINUTE;

export const wanted = (more: object = {}): object => ({
  name: "gpu-node-01",
  image_id: IMAGE,
  vpc_id: VPC,
  network_interfaces: [{ subnet_id: SUBNET }],
  password: PASSWORD,
  ...more,
});

export interface ServerItem {
  id: string;
  name: string;
  manage_state: string;
  power_state: string;
  operation_state?: string;
}

export interface InstanceItem {
  id: string;
  name: string;
  state: string;
  server_id: string;
  network_interfaces: { subnet_id: string; ipv4_address: string }[];
  launched_at: string;
}

/** CloudDC as one project's user sees it. */
export interface Cloud {
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  servers(query?: string): Promise<ServerItem[]>;
  server(id: string): Promise<ServerItem>;
  /** An idle server's id. */
  idle(): Promise<string>;
  create(more?: object): Promise<string>;
  /** Creates an instance and lets time pass until it runs. */
  running(more?: object): Promise<string>;
  instances(query?: string): Promise<InstanceItem[]>;
  instance(id: string): Promise<InstanceItem>;
  status(id: string): Promise<{ state: string; operation_state: string; error?: object }>;
  /** Asks for the delete and expects it to be accepted. */
  remove(id: string): Promise<void>;
  power(action: string, ...ids: string[]): Promise<Answer>;
}

export interface CloudEbb {
  ebb: Ebb;
  one: Cloud;
  two: Cloud;
}

export async function startCloud(t: TestContext, options: EbbOptions = {}): Promise<CloudEbb> {
  const ebb = await startEbb(t, options);
  return { ebb, one: cloudOf(ebb, ebb.one), two: cloudOf(ebb, ebb.two) };
}

function cloudOf(ebb: Ebb, asker: Asker): Cloud {
  const ask: Cloud["ask"] = (method, path, body, headers) =>
    asker.ask(method, `/v1/${asker.projectId}${path}`, body, headers);
  const get = async (path: string) => {
    const answer = await ask("GET", path);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  const cloud: Cloud = {
    ask,
    servers: async (query = "?limit=1000") => (await get(`/physicalservers${query}`)).servers,
    server: (id) => get(`/physicalservers/${id}`),
    idle: async () => (await cloud.servers("?manage_state=ready"))[0]?.id ?? assert.fail("no server is idle"),
    async create(more) {
      const answer = await ask("POST", "/instances", wanted(more));
      assert.equal(answer.status, 202, answer.text);
      return answer.body.instance_id;
    },
    async running(more) {
      const id = await cloud.create(more);
      await ebb.pass(INSTALLS_MS + POWERS_MS);
      assert.equal((await cloud.status(id)).state, "running");
      return id;
    },
    instances: async (query = "?limit=1000") => (await get(`/instances${query}`)).instances,
    instance: async (id) => (await cloud.instances(`?instance_id=${id}`))[0] ?? assert.fail(`${id} is not listed`),
    status: (id) => get(`/instances/${id}/status`),
    async remove(id) {
      const answer = await ask("DELETE", `/instances/${id}`);
      assert.equal(answer.status, 204, answer.text);
      assert.equal(answer.text, "");
    },
    power: (action, ...server_id_set) => ask("PUT", "/physicalservers/power-state", { action, server_id_set }),
  };
  return cloud;
}

export const refusal = (reason: string): Refusal =>
  new Refusal(reason, { owner: "a test", hint: "nothing", forGood: true });

/** Nothing is held, nothing is left in the world, and no server is in use. */
export async function assertCleanSlate({ ebb, one, two }: CloudEbb): Promise<void> {
  const held = await ebb.store.read((session) =>
    session.get<{ n: number }>("SELECT count(*) AS n FROM holdings WHERE released_at IS NULL"),
  );
  assert.equal(held?.n, 0, "something is still held");
  assert.deepEqual(await ebb.house.drivers.servers.marked(), []);
  for (const cloud of [one, two]) assert.deepEqual(await cloud.servers("?manage_state=in-use"), []);
}

export function assertError(answer: Answer, status: number, code: string, text: RegExp): void {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(Object.keys(answer.body).toSorted(), ["error_code", "error_msg"]);
  assert.equal(answer.body.error_code, code);
  assert.match(answer.body.error_msg, text);
  assert.match(answer.headers.get("x-request-id") ?? "", /^[0-9a-f]{32}$/);
}
