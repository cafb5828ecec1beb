import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../port.ts";
import { NotThere } from "./bmc.ts";
import { Machine, marked, markOf } from "./machine.ts";
import type { Note } from "./notes.ts";
import { readRedfish } from "./settings.ts";
import type { Site } from "./stages.ts";
import type { Reply } from "./transport.ts";
import { erased, wayToWipe } from "./wipe.ts";

const SYSTEM = "/redfish/v1/Systems/1";
const TASK = "/redfish/v1/TaskService/Tasks/1";
const drive = (n: number) => `${SYSTEM}/Storage/1/Drives/${n}`;

/** A machine of some drives, as resources by their addresses; a task is there while `tasks` has its state. */
function toy(offers: readonly boolean[], tasks: Record<string, string> = {}) {
  const unit = { Drives: offers.map((_, n) => ({ "@odata.id": drive(n) })) };
  const resources: Record<string, object> = {
    [SYSTEM]: { Storage: { "@odata.id": `${SYSTEM}/Storage` } },
    [`${SYSTEM}/Storage`]: { Members: [{ "@odata.id": `${SYSTEM}/Storage/1` }] },
    [`${SYSTEM}/Storage/1`]: unit,
  };
  for (const [n, can] of offers.entries()) {
    const Actions = can ? { "#Drive.SecureErase": { target: `${drive(n)}/erase` } } : {};
    resources[drive(n)] = { "@odata.id": drive(n), Actions };
  }
  const posts: string[] = [];
  const get = async (path: string) => {
    const found = resources[path] ?? (tasks[path] === undefined ? undefined : { TaskState: tasks[path] });
    if (!found) throw new NotThere(path);
    return found;
  };
  const bmc = {
    get,
    answer: async (path: string) => ({ status: 200, headers: {}, body: await get(path) }),
    post: async (path: string): Promise<Reply> => {
      posts.push(path);
      return { status: 202, headers: { location: TASK }, body: {} };
    },
  };
  const machine = new Machine("one", bmc as never, "1");
  const note: Note = {
    type: "disks",
    server: "one",
    phase: "working",
    way: "erase",
    stage: 1,
    since: 0,
    operationId: "o",
  };
  const settings = readRedfish({});
  const site: Site = { ref: "disks-a", machine, note, now: 0, settings, meant: "on" };
  return { site, machine, bmc, unit, posts, tasks, settings };
}

test("each drive is erased once, and that is over when its task says so", async () => {
  const { site, posts, tasks } = toy([true, true], { [TASK]: "Running" });
  assert.equal(await erased(site), false);
  assert.equal(await erased(site), false);
  assert.deepEqual(posts, [`${drive(0)}/erase`, `${drive(1)}/erase`]);
  tasks[TASK] = "Completed";
  assert.equal(await erased(site), true);
  assert.equal(posts.length, 2);
});

test("an erasure whose task is forgotten begins again: nothing proves that it has ended", async () => {
  const { site, posts, tasks } = toy([true], { [TASK]: "Running" });
  await erased(site);
  delete tasks[TASK];
  assert.equal(await erased(site), false);
  tasks[TASK] = "Completed";
  assert.equal(await erased(site), true);
  assert.equal(posts.length, 2);
});

test("an erasure that could not be looked at is not begun again", async () => {
  const { site, posts, tasks, bmc } = toy([true], { [TASK]: "Running" });
  const { answer } = bmc;
  bmc.answer = () => Promise.reject(new Error("no answer"));
  await assert.rejects(erased(site), /no answer/);
  Object.assign(bmc, { answer });
  assert.equal(await erased(site), false);
  tasks[TASK] = "Completed";
  assert.equal(await erased(site), true);
  assert.equal(posts.length, 1);
});

test("a BMC that lists no drive, or not every one that is being erased, proves nothing", async () => {
  const { site, tasks, unit } = toy([true, true], { [TASK]: "Running" });
  assert.equal(await erased(site), false);
  tasks[TASK] = "Completed";
  const [first] = unit.Drives.splice(0);
  await assert.rejects(erased(site), /does not list/);
  if (first) unit.Drives.push(first);
  await assert.rejects(erased(site), /does not list .*Drives\/1/);
  await assert.rejects(erased(toy([]).site), /does not list any drive/);
});

test("an erasure of which nothing shows the end is not believed", async () => {
  const { site, bmc } = toy([true]);
  bmc.post = async () => ({ status: 202, headers: {}, body: {} });
  await assert.rejects(erased(site), (error: Refusal) => error.forGood && /nothing shows when/.test(error.message));
});

test("an erasure that ends badly stops for a person", async () => {
  const { site } = toy([true], { [TASK]: "Exception" });
  await assert.rejects(erased(site), (error: Refusal) => error.forGood && /ended as Exception/.test(error.message));
});

test("disks are wiped by their drives only where each can, else by an image, else not at all", async () => {
  const { machine, settings } = toy([true, true]);
  assert.equal(await wayToWipe(machine, "one", settings), "erase");
  const mixed = toy([true, false]).machine;
  const image = { ...settings, wipe: { ...settings.wipe, image: "http://images.test/wipe.iso" } };
  assert.equal(await wayToWipe(mixed, "one", image), "image-wipe");
  await assert.rejects(wayToWipe(mixed, "one", settings), Refusal);
  await assert.rejects(wayToWipe(toy([]).machine, "one", settings), Refusal);
});

test("a disc carries the thing's name in its address, and a stranger's none", () => {
  const image = marked("http://images.test/a.iso?signed=1", "os-7-a");
  assert.equal(image, "http://images.test/a.iso?signed=1&ebb=os-7-a");
  assert.equal(markOf(image), "os-7-a");
  for (const other of ["http://images.test/a.iso", "", null, "//share/a.iso"]) assert.equal(markOf(other), null);
});
