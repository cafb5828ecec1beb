import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { it } from "node:test";
import { explain } from "./errors.ts";

const coded = (message: string, more: object) => Object.assign(new Error(message), more);

it("says which port is in use and what to do", async () => {
  const first = createServer().listen(0, "127.0.0.1");
  await once(first, "listening");
  const address = first.address();
  assert.ok(typeof address === "object" && address !== null);
  const second = createServer().listen(address.port, "127.0.0.1");
  const [error] = (await once(second, "error")) as [unknown];
  first.close();
  assert.equal(
    explain(error),
    `port ${address.port} on 127.0.0.1 is in use: stop what listens there, or choose another with --port (0 takes any free one)`,
  );
});

it("says what to do about a port that needs rights and a foreign address", () => {
  assert.match(
    explain(coded("listen", { code: "EACCES", port: 80, address: "::1" })),
    /^port 80 on ::1 needs more rights/,
  );
  assert.match(explain(coded("listen", { code: "EADDRNOTAVAIL", address: "9.9.9.9" })), /^9\.9\.9\.9 is no address/);
});

it("gives any other error in one line that is never empty", () => {
  assert.equal(explain(coded("EACCES: mkdir '/x'", { code: "EACCES" })), "EACCES: mkdir '/x'");
  assert.equal(explain(new Error("two\n  lines")), "two lines");
  assert.equal(explain(new AggregateError([new Error("a"), new Error("b")])), "a; b");
  assert.equal(explain(new TypeError("")), "TypeError");
  assert.equal(explain("thrown text"), "thrown text");
});
