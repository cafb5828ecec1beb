import assert from "node:assert/strict";
import { test } from "node:test";
import { readRedfish } from "./settings.ts";

const bmc = (more: object = {}) => ({ url: "https://bmc.test", user: "ebb", password: "hush-hush", ...more });
const read = (redfish: object) => readRedfish({ servers: "redfish", redfish });

test("what is left out has a value", () => {
  const { machines, ready, graceMs, wipe } = read({ machines: { "server-1": bmc() } });
  assert.deepEqual(machines, { "server-1": bmc() });
  assert.deepEqual(ready, { after_s: 600 });
  assert.deepEqual([graceMs, wipe], [120_000, { image: undefined, withinMs: 14_400_000 }]);
});

test("what is wrong is named, and no password is shown", () => {
  const cases: [object, RegExp][] = [
    [{ machine: {} }, /^setting drivers\.redfish\.machine .*nothing of this name/],
    [{ machines: { a: bmc({ url: "bmc.test" }) } }, /^setting drivers\.redfish\.machines\.a\.url /],
    [{ machines: { a: bmc({ url: "https://ebb:hush-hush@bmc.test" }) } }, /machines\.a\.url /],
    [{ machines: { a: bmc({ password: 7 }) } }, /machines\.a\.password \(ebb\.yaml\) is \*\*\*/],
    [{ machines: { a: { url: "https://bmc.test", user: "ebb" } } }, /machines\.a\.password .* is missing/],
    [{ machines: { a: bmc({ ca: "/nowhere/ca.pem" }) } }, /machines\.a\.ca .*a certificate in PEM/],
    [{ machines: { a: bmc({ ca: import.meta.filename }) } }, /machines\.a\.ca .*a certificate in PEM/],
    [{ images: { a: "file:///etc/passwd" } }, /^setting drivers\.redfish\.images\.a /],
    [{ ready: { tcp: 0 } }, /^setting drivers\.redfish\.ready/],
  ];
  for (const [redfish, message] of cases) {
    assert.throws(
      () => read(redfish),
      (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes("hush-hush"), error.message);
        return true;
      },
    );
  }
});
