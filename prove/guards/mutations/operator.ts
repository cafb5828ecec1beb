import { type Mutation, under } from "../mutation.ts";

const FAULTS = "src/faults/faults.test.ts";
const WIRE_FAULTS = "test/gateway/faults.test.ts";
const SNAPSHOTS = "src/operator/snapshots.test.ts";
const REQUESTS = "src/operator/requests/requests.test.ts";
const CUT_SNAPSHOT = "a snapshot that is cut, changed, of another version or unknown is refused, and changes nothing";

/** What an operator asks for: its token, faults, snapshots and the record of requests. */
export const operator: Mutation[] = under("operator", [
  {
    name: "any-token",
    rule: "Ebb's own API takes its own token, and no other",
    file: "src/operator/token.ts",
    find: "return timingSafeEqual(digest(shown), expected);",
    put: "return timingSafeEqual(digest(shown), expected) || shown.length > 0;",
    test: ["src/operator/operator.test.ts", "Ebb's own API takes its own token, and no other"],
  },
  {
    name: "fault-hits-too-often",
    rule: "a fault hits so often as it says",
    file: "src/faults/when.ts",
    find: "return calls <= when.first;",
    put: "return calls <= when.first + 1;",
    test: [FAULTS, "when a fault hits"],
  },
  {
    name: "fault-by-another-seed",
    rule: "a probability hits the same calls for the same seed",
    file: "src/faults/when.ts",
    find: "return mix(mix(seed) ^ call) / 2 ** 32;",
    put: "return mix(mix(Math.random()) ^ call) / 2 ** 32;",
    test: [FAULTS, "a probability hits its share of the calls, and the same ones for the same seed"],
  },
  {
    name: "fault-sees-every-call",
    rule: "of several faults that fit, one answers",
    file: "src/faults/registry.ts",
    find: "if (await countCall(tx, fault, clock.now())) return { id: fault.id, answer: fault.spec.answer };",
    put: "await countCall(tx, fault, clock.now());",
    test: [FAULTS, "of several that fit, the oldest that hits answers, and the others do not see the call"],
  },
  {
    name: "faults-without-bound",
    rule: "there is a bound on the number of faults",
    file: "src/faults/registry.ts",
    find: "if ((await listFaults(tx)).length >= FAULTS_MOST) throw new TooManyFaults();",
    put: "",
    test: [FAULTS, "there is a bound on the number of faults"],
  },
  {
    name: "fault-on-the-operator",
    rule: "no fault strikes Ebb's own API",
    file: "src/gateway/record.ts",
    find: "path.startsWith(OWN)",
    put: 'path.startsWith("/nothing/")',
    test: [REQUESTS, "what no service answers is shown too, and Ebb's own API never"],
  },
  {
    name: "struck-and-carried-out",
    rule: "a call that a fault answers changes nothing",
    file: "src/gateway/inject.ts",
    find: "throw new Injected(sayStatus(asked, answer.status, answer.retry_after_s));",
    put: "sayStatus(asked, answer.status, answer.retry_after_s);",
    test: [WIRE_FAULTS, "a call that a fault answers changes nothing, and those after it do"],
  },
  {
    name: "changed-snapshot-loaded",
    rule: "a snapshot that was changed is refused",
    file: "src/store/dump.ts",
    find: 'end.sha256 !== hash.digest("hex")',
    put: 'end.sha256.length !== hash.digest("hex").length',
    test: [SNAPSHOTS, CUT_SNAPSHOT],
  },
  {
    name: "cut-snapshot-loaded",
    rule: "a snapshot that was cut is refused",
    file: "src/store/dump.ts",
    find: "if (end?.end !== true || ",
    put: "if (end?.end === true && ",
    test: [SNAPSHOTS, CUT_SNAPSHOT],
  },
  {
    name: "other-tables-loaded",
    rule: "a snapshot of other tables is refused",
    file: "src/store/dump.ts",
    find: "if (head.tables !== tables)",
    put: "if (head.tables > tables + 1_000)",
    test: [SNAPSHOTS, "a snapshot of other tables is refused by their version"],
  },
  {
    name: "load-keeps-leases",
    rule: "what a snapshot shows under way goes on after it is loaded",
    file: "src/store/dump.ts",
    find: 'await tx.run("UPDATE operations SET owner = NULL, lease_until = NULL WHERE owner IS NOT NULL");',
    put: "await tx.run(\"UPDATE operations SET owner = NULL, lease_until = 9999999999999 WHERE state = 'running'\");",
    test: [SNAPSHOTS, "a loaded snapshot brings the whole state back, and work that was under way goes on"],
  },
  {
    name: "reset-takes-credentials",
    rule: "a reset leaves the callers' credentials",
    file: "src/operator/snapshots.ts",
    find: '(table) => !table.startsWith("iam_") && table !== "house"',
    put: '(table) => table !== "house"',
    test: [SNAPSHOTS, "a reset leaves an empty cloud, with its inventory and the callers' credentials"],
  },
  {
    name: "secret-header-recorded",
    rule: "no secret of a request is kept",
    file: "src/operator/requests/secret-names.ts",
    find: "/passw|",
    put: "/",
    test: [REQUESTS, "secrets are found by their fields' names, at any depth"],
  },
  {
    name: "frozen-clock-jumps",
    rule: "a frozen clock stands still while nothing runs",
    file: "src/lifecycle/kept-clock.ts",
    find: "anew || first || ",
    put: "anew || ",
    test: ["src/operator/clock.test.ts", "a frozen clock stands still while nothing runs, and goes on from there"],
  },
]);
