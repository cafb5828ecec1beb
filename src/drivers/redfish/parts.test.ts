import assert from "node:assert/strict";
import { test } from "node:test";
import { NotThere } from "./bmc.ts";
import { Machine } from "./machine.ts";
import { partsOf } from "./parts.ts";

const SYSTEM = "/redfish/v1/Systems/1";
const link = (path: string) => ({ "@odata.id": `${SYSTEM}/${path}` });

test("what a BMC says of its parts is taken, an empty socket and what it only links are not", async () => {
  const resources: Record<string, object> = {
    [SYSTEM]: { Processors: link("Processors"), Memory: link("Memory"), Storage: link("Storage") },
    [`${SYSTEM}/Processors`]: { Members: [link("Processors/1"), link("Processors/2")] },
    [`${SYSTEM}/Processors/1`]: { Id: "1", Model: "X", TotalCores: 8, Status: { State: "Enabled", Health: "OK" } },
    [`${SYSTEM}/Processors/2`]: { Id: "2", Status: { State: "Absent" } },
    [`${SYSTEM}/Storage`]: { Members: [link("Storage/1")] },
    [`${SYSTEM}/Storage/1`]: { Name: "RAID", Drives: [link("Storage/1/Drives/d0")] },
  };
  const get = async (path: string) => {
    const found = resources[path];
    if (!found) throw new NotThere(path);
    return found;
  };
  assert.deepEqual(await partsOf(new Machine("one", { get } as never, "1")), {
    processors: [{ name: "1", model: "X", cores: 8, health: "OK", state: "Enabled" }],
    memory: [],
    storage: [{ name: "RAID", drives: ["d0"] }],
  });
});
