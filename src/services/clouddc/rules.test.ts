import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, IMAGE, NOBODY, SUBNET, startCloud, wanted } from "./clouddc-testing.ts";

test("a create without what it needs names all that is missing, with a body or without one", async (t) => {
  const { one } = await startCloud(t);
  const all = /^Missing required parameters: name, image_id, vpc_id, password, network_interfaces$/;
  for (const path of ["/instances", "/instances/batch-create"]) {
    assertError(await one.ask("POST", path, {}), 400, "iMetal.0002", all);
    assertError(await one.ask("POST", path), 400, "iMetal.0002", all);
    const nic = await one.ask("POST", path, wanted({ network_interfaces: [{}] }));
    assertError(nic, 400, "iMetal.0002", /: network_interfaces\.0\.subnet_id$/);
  }
});

const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));

test("every rule of a create's parameters is checked, and takes no server when broken", async (t) => {
  const { one } = await startCloud(t);
  const nic = { subnet_id: SUBNET };
  const wrong: [string, unknown][] = [
    ["name", ""],
    ["name", "a".repeat(64)],
    ["name", "with space"],
    ["name", 7],
    ["image_id", "img"],
    ["image_id", IMAGE.toUpperCase()],
    ["vpc_id", ""],
    ["vpc_id", "a/b"],
    ["network_interfaces", []],
    ["network_interfaces", [nic, nic, nic]],
    ["network_interfaces", [{ ...nic, ipv4_address: "10.0.0.256" }]],
    ["network_interfaces", [{ ...nic, ipv4_address: "10.0.0" }]],
    ["password", "Sh0rt-1"],
    ["password", "L0ng-".repeat(6)],
    ["password", "onlyletters"],
    ["password", "letters123"],
    ["password", "My-Root-1234"],
    ["password", "My-tooR-1234"],
    ["password", "Administrator-1"],
    ["metadata", pairs(11)],
    ["metadata", { "a/b": "v" }],
    ["metadata", { a: "v".repeat(256) }],
    ["metadata", { a: 1 }],
    ["description", "d".repeat(256)],
    ["placement", { server_id: "rack1" }],
    ["placement", "rack1"],
  ];
  for (const [field, value] of wrong) {
    const answer = await one.ask("POST", "/instances", wanted({ [field]: value }));
    const said = `${field} ${JSON.stringify(value)}`;
    assert.equal(answer.status, 400, said);
    assertError(answer, 400, "iMetal.0001", new RegExp(`^A request parameter contains .* value: ${field}`));
    if (field === "password") assert.ok(!answer.text.includes(String(value)), "a password is never repeated");
  }
  assert.equal((await one.servers("?manage_state=in-use")).length, 0);
});

test("what the rules allow at their edges is accepted", async (t) => {
  const { one } = await startCloud(t);
  const metadata = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`a-_: .${index}`, "v".repeat(255)]));
  const nics = [{ subnet_id: SUBNET, ipv4_address: "" }, { subnet_id: SUBNET }];
  const id = await one.create({
    name: "机-a_.".padEnd(63, "9"),
    password: "aB!@$%^-_=+[{}]:,./?2345",
    description: "d".repeat(255),
    metadata,
    network_interfaces: nics,
    placement: {},
  });
  const { body } = await one.ask("GET", `/instances?instance_id=${id}`);
  assert.deepEqual(body.instances[0].metadata, metadata);
  assert.equal(body.instances[0].network_interfaces.length, 2);
});

test("an id that is no UUID is a wrong parameter, and one that nothing has is not found", async (t) => {
  const { one } = await startCloud(t);
  const calls: [string, string, string][] = [
    ["GET", "/instances/ID/status", "iMetal.0200"],
    ["DELETE", "/instances/ID", "iMetal.0200"],
    ["PUT", "/instances/ID/ip", "iMetal.0200"],
    ["GET", "/physicalservers/ID", "iMetal.0100"],
    ["GET", "/physicalservers/ID/hardware-attributes", "iMetal.0100"],
  ];
  for (const [method, path, code] of calls) {
    for (const id of ["x", NOBODY.toUpperCase(), `${NOBODY}0`, "%20"]) {
      assertError(await one.ask(method, path.replace("ID", id)), 400, "iMetal.0001", /value: id must match/);
    }
    assertError(await one.ask(method, path.replace("ID", NOBODY)), 404, code, new RegExp(`\\[${NOBODY}\\]$`));
  }
});

test("a body that is not JSON is a wrong parameter", async (t) => {
  const { one } = await startCloud(t);
  for (const [method, path] of [
    ["POST", "/instances"],
    ["POST", "/instances/batch-create"],
    ["POST", "/instances/batch-delete"],
    ["PUT", "/instances/reinstall"],
    ["PUT", "/instances/password"],
    ["PUT", "/physicalservers/power-state"],
  ] as const) {
    assertError(await one.ask(method, path, "{nope"), 400, "iMetal.0001", /the body is not JSON/);
    assertError(await one.ask(method, path, "[]"), 400, "iMetal.0001", /body must be object/);
  }
});

test("credentials for another project have insufficient permissions", async (t) => {
  const { ebb, one } = await startCloud(t);
  const answer = await ebb.two.ask("GET", `/v1/${ebb.one.projectId}/instances`);
  assertError(answer, 403, "iMetal.0004", /^Insufficient permissions$/);
  assert.deepEqual(await one.instances(), []);
});
