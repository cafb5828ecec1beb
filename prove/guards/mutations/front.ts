import { type Mutation, under } from "../mutation.ts";

const WALK = "test/tenancy/walk.test.ts";
const SERVE = "src/gateway/serve.ts";

/** Who may ask, for what, and how much. */
export const front: Mutation[] = under("front", [
  {
    name: "anothers-thing-changed",
    rule: "tenancy before existence: another tenant's thing is as if it did not exist",
    file: "src/lifecycle/resources.ts",
    find: "SELECT * FROM resources WHERE id = ? AND tenant = ?$",
    put: "SELECT * FROM resources WHERE id = ? AND (tenant = ? OR 1 = 1)$",
    test: [WALK, "on every route, another tenant's thing is answered as if it did not exist, and stays as it was"],
  },
  {
    name: "anothers-thing-read",
    rule: "tenancy before existence: another tenant's thing is as if it did not exist",
    file: "src/lifecycle/index.ts",
    find: "if (!found || found.kind !== kind || found.tenant !== tenant) throw new NotFound(kind, id);",
    put: "if (!found || found.kind !== kind) throw new NotFound(kind, id);",
    test: [WALK, "on every route, another tenant's thing is answered as if it did not exist, and stays as it was"],
  },
  {
    name: "anothers-job-read",
    rule: "another tenant's job is as if it did not exist",
    file: "src/lifecycle/operations.ts",
    find: "WHERE tenant = ? AND job_id = ?",
    put: "WHERE (tenant = ? OR 1 = 1) AND job_id = ?",
    test: [WALK, "on every route, another tenant's thing is answered as if it did not exist, and stays as it was"],
  },
  {
    name: "gone-tells-strangers",
    rule: "only its own tenant learns that a thing is gone",
    file: "src/lifecycle/accept.ts",
    find: "const found = await lockOwn(this.tx, this.#caller.tenant, id);\n    if (found?.kind !== kind)",
    put: "const found = (await listResources(this.tx, { kind, ids: [id], gone: true }))[0];\n    if (found?.kind !== kind)",
    test: ["src/lifecycle/life.test.ts", "a deleted thing is told apart from none only by its own tenant's answer"],
  },
  {
    name: "anothers-project",
    rule: "credentials are for their own project",
    file: SERVE,
    find: "if (!principal.project || (inPath !== undefined && inPath !== principal.project.id)) {",
    put: "if (!principal.project) {",
    test: [WALK, "on every route with a project, credentials of another project are refused before anything else"],
  },
  {
    name: "no-credentials",
    rule: "a caller without credentials is refused, on every route",
    file: SERVE,
    find: 'if ("stranger" in known) throw new Troubled({ is: "stranger", stranger: known.stranger });',
    put: 'if ("stranger" in known) return NOBODY;',
    test: [WALK, "on every route, a caller without credentials is refused"],
  },
  {
    name: "any-action",
    rule: "a user does what its policies allow, and nothing else",
    file: SERVE,
    find: "if (op.action !== null && !principal.may(op.action))",
    put: 'if (op.action === "" && !principal.may(op.action))',
    test: ["src/iam/projects.test.ts", "a user does what its policies allow, and nothing else"],
  },
  {
    name: "operator-by-any-token",
    rule: "Ebb's own API takes its own token, and no other",
    file: SERVE,
    find: 'throw new Troubled({ is: "not-operator" });',
    put: "return NOBODY;",
    test: ["src/operator/operator.test.ts", "Ebb's own API takes its own token, and no other"],
  },
  {
    name: "unchecked-fields",
    rule: "what breaks an operation's schema is refused, and makes nothing",
    file: SERVE,
    find: "if (problems.length > 0)",
    put: "if (problems.length > 1_000)",
    test: ["src/services/fabric/endpoints.test.ts", "what breaks a rule is refused, and makes nothing"],
  },
  {
    name: "nul-passes",
    rule: "a NUL character is refused, on both stores alike",
    file: SERVE,
    find: "if (!NUL.test(url)) return;",
    put: "return;",
    test: [
      "test/gateway/front-door.test.ts",
      "a NUL character is refused in the service's words, on both stores alike",
    ],
  },
  {
    name: "no-throttle",
    rule: "who asks too often is turned away, and nobody else",
    file: SERVE,
    find: "if (retryAfterSeconds !== undefined)",
    put: "if (retryAfterSeconds === -1)",
    test: [
      "test/gateway/front-door.test.ts",
      "throttling is off by default; set, it answers 429 to the one tenant and not to the other",
    ],
  },
  {
    name: "throttled-together",
    rule: "who asks too often is turned away, and nobody else",
    file: SERVE,
    find: "front.throttle(`${service.name}/${tenant}`)",
    put: "front.throttle(service.name)",
    test: [
      "test/gateway/front-door.test.ts",
      "throttling is off by default; set, it answers 429 to the one tenant and not to the other",
    ],
  },
]);
