import assert from "node:assert/strict";
import { test } from "node:test";
import { NotThere } from "./bmc.ts";
import { Machine } from "./machine.ts";
import { partsOf } from "./parts.ts";

const SYSTEM = "/redfish/v1/Systems/1";
const link = (path: string) => ({ "@odata.id": `${SYSTEM}/${path}` });

test("what a BMC says of its parts is taken, an empty socket and what it only links are not", async () => {
  const resources: Record<string, object> = {
    [SYSTEM]: {
      Manufacturer: "Acme",
      Links: {
        Chassis: [{ "@odata.id": "/chassis/1" }, { "@odata.id": "/chassis/gone" }, { "@odata.id": "/chassis/many" }],
      },
      Processors: link("Processors"),
      Memory: link("Memory"),
      Storage: link("Storage"),
    },
    "/chassis/many": {
      SerialNumber: "M1",
      Links: { ComputerSystems: [{ "@odata.id": SYSTEM }, { "@odata.id": "/2" }] },
    },
    "/chassis/1": {
      Manufacturer: "Contoso",
      Model: "3500RX",
      Thermal: { "@odata.id": "/chassis/1/thermal" },
      PowerSubsystem: { "@odata.id": "/chassis/1/power" },
    },
    "/chassis/1/thermal": {
      Fans: [
        { Name: "Fan 1", Reading: 2100, ReadingUnits: "RPM", Status: { State: "Enabled", Health: "OK" } },
        { Name: "Fan 2", Status: { State: "Absent" } },
      ],
    },
    "/chassis/1/power": { PowerSupplies: { "@odata.id": "/chassis/1/supplies" } },
    "/chassis/1/supplies": { Members: [{ "@odata.id": "/chassis/1/supplies/1" }] },
    "/chassis/1/supplies/1": { Name: "PSU 1", PowerCapacityWatts: 800, SerialNumber: "P1" },
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
    made: { manufacturer: "Acme", model: "3500RX" },
    processors: [{ name: "1", model: "X", cores: 8, health: "OK", state: "Enabled" }],
    memory: [],
    storage: [{ name: "RAID", drives: ["d0"] }],
    fans: [{ name: "Fan 1", reading: 2100, readingUnits: "RPM", health: "OK", state: "Enabled" }],
    powers: [{ name: "PSU 1", capacityWatts: 800, serialNumber: "P1" }],
  });
});
