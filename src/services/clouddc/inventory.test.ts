import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, type Ebb, startEbb } from "../../../test/harness.ts";
import { WrongState } from "../../lifecycle/index.ts";
import { SettingError } from "../../settings/setting-error.ts";
import { POWERS_MS, startCloud, UNINSTALLS_MS } from "./clouddc-testing.ts";
import { readServers } from "./inventory.ts";
import { placeServers } from "./place.ts";

const entry = (sn: string, more: object = {}) => ({
  sn,
  manufacturer: "Acme",
  model: "X1",
  dc: "hall-b",
  rack: "rack7",
  unit: "12",
  ...more,
});

test("without an inventory each project has six servers in two racks, one of them under repair", async (t) => {
  const { one } = await startCloud(t);
  const { body } = await one.ask("GET", "/physicalservers");
  assert.equal(body.count, 6);
  assert.deepEqual(
    new Set(body.servers.map((server: { location: { rack: string } }) => server.location.rack)),
    new Set(["rack1", "rack2"]),
  );
  const states = body.servers.map((server: { manage_state: string }) => server.manage_state);
  assert.deepEqual(states, ["ready", "ready", "ready", "ready", "ready", "maintain"]);
});

test("a server of the inventory shows every documented field", async (t) => {
  const hardware = {
    memorys: [{ name: "DIMM0", capacity_mib: 65_536 }],
    processors: [{ name: "CPU1", total_cores: 48 }],
    network_adapters: [
      { name: "NIC1", slot_number: 1, network_ports: [{ physical_port_number: "1", link_status: "Up" }] },
    ],
  };
  const servers = [
    entry("SN1", {
      main_board_serial_number: "B1",
      manage_state: "os-ready",
      frozen_state: 2,
      health_state: "Warning",
      onboard_time: "2026-01-02T03:04:05Z",
      tags: [{ key: "env", value: "prod" }],
      hardware,
    }),
  ];
  const { ebb, one } = await startCloud(t, { settings: { inventory: { clouddc: { servers } } } });
  const [server] = await one.servers();
  assert.ok(server);
  const summary = { sn: "SN1", manufacturer: "Acme", model: "X1", main_board_serial_number: "B1" };
  assert.match(server.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(server, {
    id: server.id,
    name: "rack7-u12",
    project_id: ebb.one.projectId,
    domain_id: ACCOUNTS[0]?.id,
    manage_state: "os-ready",
    frozen_state: 2,
    power_state: "on",
    health_state: "Warning",
    onboard_time: "2026-01-02T03:04:05Z",
    location: { dc: "hall-b", rack: "rack7", unit: "12" },
    hardware_attributes: summary,
    tags: [{ key: "env", value: "prod" }],
  });
  assert.deepEqual(await one.server(server.id), server);
  const { body } = await one.ask("GET", `/physicalservers/${server.id}/hardware-attributes`);
  assert.deepEqual(body, { summary, ...hardware });
});

const wrong: [string, unknown, RegExp][] = [
  [
    "a mapping of servers",
    { servers: {} },
    /inventory\.clouddc\.servers \(ebb\.yaml\) is a mapping; allowed: a value that must be array/,
  ],
  [
    "an unknown name",
    { server: [] },
    /inventory\.clouddc\.server \(ebb\.yaml\) is a list; allowed: nothing of this name/,
  ],
  ["a missing model", { servers: [{ ...entry("a"), model: undefined }] }, /servers\[0\]\.model .* allowed: /],
  [
    "a number as a unit",
    { servers: [entry("a"), entry("b", { unit: 7 })] },
    /servers\[1\]\.unit .* is 7; allowed: a value that must be string/,
  ],
  [
    "in-use, which no inventory decides",
    { servers: [entry("a", { manage_state: "in-use" })] },
    /manage_state .* allowed: onboard, os-ready, ready, maintain, offboarding/,
  ],
  [
    "an unknown component field",
    { servers: [entry("a", { hardware: { memorys: [{ size: 1 }] } })] },
    /hardware\.memorys\[0\]\.size .* nothing of this name/,
  ],
  [
    "a serial number twice",
    { servers: [entry("a"), entry("a")] },
    /inventory\.clouddc\.servers\[1\] .* is "a"; allowed: each only once/,
  ],
  ["no mapping at all", 7, /inventory\.clouddc \(ebb\.yaml\) is 7; allowed: a value that must be object/],
];
for (const [what, clouddc, said] of wrong) {
  test(`an inventory with ${what} is refused, and the message says where`, () => {
    assert.throws(
      () => readServers({ clouddc }),
      (error: unknown) => error instanceof SettingError && said.test(error.message),
    );
  });
}

test("a wrong inventory stops the start", async (t) => {
  const starting = startEbb(t, { settings: { inventory: { clouddc: { servers: [{}] } } } });
  await assert.rejects(starting, /setting inventory\.clouddc\.servers\[0\]\.sn .* is missing/);
});

const withServers = (...servers: object[]) => ({ inventory: { clouddc: { servers } } });

/** What a later start does on the same store, with this inventory. */
const startAgain = ({ house }: Ebb, { inventory }: { inventory: object }) =>
  placeServers({ ...house, inventory: { ...inventory } });

async function listed({ house, one }: Ebb): Promise<{ id: string; sn: unknown; name: string; state: string }[]> {
  const found = await house.lifecycle.list({ kind: "clouddc.server", tenant: one.projectId });
  return found.map(({ id, spec, name, state }) => ({ id, sn: spec.sn, name, state }));
}

const statesOf = async (ebb: Ebb) => (await listed(ebb)).map(({ state }) => state);

test("a second start changes nothing and writes nothing", async (t) => {
  const written: string[] = [];
  const hooks = { beforeCommit: (points: readonly string[]) => void written.push(...points) };
  const { ebb, one } = await startCloud(t, { ports: { hooks } });
  await one.power("power off", await one.idle());
  await ebb.pass(POWERS_MS);
  const before = await listed(ebb);
  written.length = 0;
  await startAgain(ebb, { inventory: {} });
  assert.deepEqual(written, []);
  assert.deepEqual(await listed(ebb), before);
});

test("a later start follows the inventory: what changed, what came, what went, what came back", async (t) => {
  const first = withServers(entry("a"), entry("b"), entry("c", { manage_state: "onboard" }));
  const { ebb, one } = await startCloud(t, { settings: first });
  const [a, b, c] = await listed(ebb);
  assert.ok(a && b && c);
  await startAgain(ebb, withServers(entry("a", { name: "renamed", model: "X2" }), entry("c"), entry("d")));
  const after = await listed(ebb);
  const changed = { ...a, name: "renamed" };
  assert.deepEqual(after.slice(0, 2), [changed, { ...c, state: "ready" }]);
  assert.deepEqual(
    after.slice(2).map(({ sn }) => sn),
    ["d"],
  );
  assert.equal((await one.ask("GET", `/physicalservers/${a.id}`)).body.hardware_attributes.model, "X2");
  assert.equal((await one.ask("GET", `/physicalservers/${b.id}`)).status, 404);
  await startAgain(ebb, first);
  const back = (await listed(ebb)).find(({ sn }) => sn === "b");
  assert.equal(back?.state, "ready");
  assert.notEqual(back?.id, b.id);
  assert.equal((await listed(ebb)).length, 3);
});

test("ids follow from project and serial number: another store has the same", async (t) => {
  const { one: first } = await startCloud(t);
  const { one: second } = await startCloud(t);
  assert.deepEqual(await second.servers(), await first.servers());
});

test("a server in use stays as it is, until a start after it is free", async (t) => {
  const { ebb, one } = await startCloud(t, { settings: withServers(entry("a"), entry("b")) });
  const [a, b] = await one.servers();
  assert.ok(a && b);
  const id = await one.running({ placement: { server_id: a.id } });
  await one.create({ placement: { server_id: b.id } });
  const next = withServers(entry("a", { manage_state: "maintain" }));
  await startAgain(ebb, next);
  assert.deepEqual(await statesOf(ebb), ["in-use", "in-use"]);
  await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  assert.deepEqual(await statesOf(ebb), ["ready", "in-use"]);
  await startAgain(ebb, next);
  assert.deepEqual(await statesOf(ebb), ["maintain", "in-use"]);
});

test("a server in use cannot be taken away", async (t) => {
  const { ebb, one } = await startCloud(t);
  const { server_id } = await one.instance(await one.create());
  const caller = { tenant: ebb.one.projectId, userId: "inventory", requestId: "start" };
  const taking = ebb.house.lifecycle.accept(caller, async (accepting) =>
    accepting.submit("offboard", await accepting.get("clouddc.server", server_id)),
  );
  await assert.rejects(taking, WrongState);
  assert.equal((await one.server(server_id)).manage_state, "in-use");
});
