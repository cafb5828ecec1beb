import { type Mutation, under } from "../mutation.ts";

const FABRIC = "src/services/fabric";
const TAURUS = "src/services/taurusdb";
const CLOUDDC = "src/services/clouddc";
const MODELARTS = "src/services/modelarts";

const BLOCKING = '["fabric.endpoint", "fabric.instance", "fabric.model", "fabric.job", "fabric.job-run"]';
const ALL_NAMED = [
  "test/seeds/workspace-delete.test.ts",
  "a workspace with anything inside is refused with 400, and the message names all of it",
] as const;
const EACH_ALONE = [
  "test/seeds/workspace-delete.test.ts",
  "each blocker alone is enough, also while it is being deleted",
] as const;

/** The workspace is kept by each kind of thing in it. */
const workspaceBlockers = (["endpoint", "instance", "model", "job", "job-run"] as const).map(
  (kind): Mutation => ({
    name: `workspace-without-${kind}`,
    rule: `a workspace is kept by a ${kind} in it`,
    file: `${FABRIC}/workspace.ts`,
    find: BLOCKING,
    put: BLOCKING.replace(`"fabric.${kind}"`, '"nothing"'),
    test: kind === "instance" || kind === "job-run" ? ALL_NAMED : EACH_ALONE,
  }),
);

const fabric: Mutation[] = under("fabric", [
  ...workspaceBlockers,
  {
    name: "endpoint-with-instances",
    rule: "an endpoint is kept by its instances",
    file: `${FABRIC}/endpoint.ts`,
    find: 'guards: [nothingInside("fabric.instance"), nothingRuns]',
    put: "guards: [nothingRuns]",
    test: [
      `${FABRIC}/endpoints.test.ts`,
      "an endpoint with instances is refused, and the message names them; nothing changes",
    ],
  },
  {
    name: "endpoint-with-runs",
    rule: "an endpoint is kept by a run that goes on",
    file: `${FABRIC}/endpoint.ts`,
    find: 'guards: [nothingInside("fabric.instance"), nothingRuns]',
    put: 'guards: [nothingInside("fabric.instance")]',
    test: [`${FABRIC}/runs.test.ts`, "a run that goes on blocks its endpoint, an ended one does not"],
  },
  {
    name: "endpoint-kept-by-ended-runs",
    rule: "an ended run keeps nothing",
    file: `${FABRIC}/endpoint.ts`,
    find: "one.kind === RUN && !hasEnded(one) && one.state",
    put: "one.kind === RUN && one.state",
    test: [`${FABRIC}/runs.test.ts`, "a run that goes on blocks its endpoint, an ended one does not"],
  },
  {
    name: "endpoint-does-not-wait-for-runs",
    rule: "an endpoint's delete waits for the runs that are being deleted",
    file: `${FABRIC}/endpoint.ts`,
    find: 'if (left.length === 0) return { is: "done" };',
    put: 'if (left.length >= 0) return { is: "done" };',
    test: [
      `${FABRIC}/runs.test.ts`,
      "deleting a ray endpoint with its app instances takes its runs along, and waits for them",
    ],
  },
  {
    name: "served-model-goes",
    rule: "a model that an instance serves is kept",
    file: `${FABRIC}/model.ts`,
    find: "recordKind(MODEL, { guards: [nobodyNeedsIt],",
    put: "recordKind(MODEL, { guards: [],",
    test: [
      `${FABRIC}/models.test.ts`,
      "a model or version that an instance serves is kept, and the message names the instance",
    ],
  },
  {
    name: "served-version-goes",
    rule: "a version of a model that an instance serves is kept",
    file: `${FABRIC}/model.ts`,
    find: "recordKind(MODEL_VERSION, { guards: [nobodyNeedsIt],",
    put: "recordKind(MODEL_VERSION, { guards: [],",
    test: [
      `${FABRIC}/models.test.ts`,
      "a model or version that an instance serves is kept, and the message names the instance",
    ],
  },
  {
    name: "running-job-goes",
    rule: "a job is kept by a run that goes on",
    file: `${FABRIC}/job.ts`,
    find: "guards: [noRunGoesOn],",
    put: "guards: [],",
    test: [
      `${FABRIC}/jobs.test.ts`,
      "a job with runs that go on is refused, and the message names them; ended ones go with it",
    ],
  },
  {
    name: "running-version-goes",
    rule: "a version of a job is kept by a run of it that goes on",
    file: `${FABRIC}/job.ts`,
    find: "guards: [noRunNeedsIt],",
    put: "guards: [],",
    test: [
      `${FABRIC}/jobs.test.ts`,
      "a job with runs that go on is refused, and the message names them; ended ones go with it",
    ],
  },
  {
    name: "job-leaves-runs-behind",
    rule: "what a failed run has left in the world goes before its job does",
    file: `${FABRIC}/job.ts`,
    find: '.leftovers ? ["runs-gone"] : []',
    put: ".leftovers ? [] : []",
    test: [`${FABRIC}/jobs.test.ts`, "what a failed run has left in the world goes before its job does"],
  },
  {
    name: "too-many-workspaces",
    rule: "a project has a most of workspaces",
    file: `${FABRIC}/routes/workspaces.ts`,
    find: "if (existing.length >= WORKSPACES_MOST)",
    put: "if (existing.length > WORKSPACES_MOST)",
    test: [`${FABRIC}/workspaces.test.ts`, "a project has a most of workspaces"],
  },
  {
    name: "endpoint-overbooked",
    rule: "the instances of an endpoint stay within its ceiling",
    file: `${FABRIC}/routes/instances.ts`,
    find: "if (taken + wanted.max > ceiling) {",
    put: "if (wanted.max > ceiling) {",
    test: [
      `${FABRIC}/instances.test.ts`,
      "an instance needs a running inference endpoint, a model of the workspace and room for its maximum",
    ],
  },
  {
    name: "deployed-on-what-does-not-run",
    rule: "an instance needs a running endpoint",
    file: `${FABRIC}/routes/instances.ts`,
    find: 'if (endpoint.state !== "RUNNING")',
    put: 'if (endpoint.state === "")',
    test: [
      `${FABRIC}/instances.test.ts`,
      "an instance needs a running inference endpoint, a model of the workspace and room for its maximum",
    ],
  },
  {
    name: "through-another-workspace",
    rule: "a thing is found only through its own workspace",
    file: `${FABRIC}/inside.ts`,
    find: "if (placed !== workspaceId)",
    put: 'if (placed === "")',
    test: ["test/seeds/service-instance-delete.test.ts", "an instance is found only through its own workspace"],
  },
  {
    name: "run-without-a-turn",
    rule: "a run waits for its turn",
    file: `${FABRIC}/run-life.ts`,
    find: "if (before.length < specOf(resource).at_once)",
    put: "if (before.length < 1_000)",
    test: [
      `${FABRIC}/runs.test.ts`,
      "a further run waits in PENDING for its turn, in order; one that may not wait is refused",
    ],
  },
  {
    name: "run-that-may-not-wait",
    rule: "a run that may not wait is refused when none can start",
    file: `${FABRIC}/routes/runs.ts`,
    find: "if (waitsForNone(config) && going.length >= asked.at_once) {",
    put: "if (waitsForNone(config) && going.length >= 1_000) {",
    test: [
      `${FABRIC}/runs.test.ts`,
      "a further run waits in PENDING for its turn, in order; one that may not wait is refused",
    ],
  },
  {
    name: "run-past-its-time",
    rule: "a run longer than its time is stopped",
    file: `${FABRIC}/run-life.ts`,
    find: "if (now >= over) return",
    put: "if (now >= over && over < 0) return",
    test: [`${FABRIC}/runs.test.ts`, "a run longer than its time is stopped and FAILED"],
  },
]);

const taurusdb: Mutation[] = under("taurusdb", [
  {
    name: "proxy-of-a-busy-database",
    rule: "a proxy is not deleted while its database is being changed",
    file: `${TAURUS}/proxy.ts`,
    find: "guards: [nothingDisturbed],",
    put: "guards: [],",
    test: [`${TAURUS}/proxy.test.ts`, "a proxy that is being enabled, or whose database is being changed, is busy"],
  },
  {
    name: "database-with-something-in-the-making",
    rule: "a database is not deleted while something is made inside of it",
    file: `${TAURUS}/instance.ts`,
    find: "guards: [nothingIsMadeInside],",
    put: "guards: [],",
    test: [
      `${TAURUS}/instance-delete.test.ts`,
      "a database that is being built, or in which something runs, is busy, and everything in the way is named",
    ],
  },
  {
    name: "primary-goes",
    rule: "the primary of a database stays",
    file: `${TAURUS}/node.ts`,
    find: 'specOf(node).role === "master" ||',
    put: "",
    test: [
      `${TAURUS}/node.test.ts`,
      "the primary stays where there are replicas, and the last replica where zones do not count",
    ],
  },
  {
    name: "last-replica-goes",
    rule: "the last replica of a database stays",
    file: `${TAURUS}/node.ts`,
    find: "return replicas.length > 0 && apart;",
    put: "return apart;",
    test: [
      `${TAURUS}/node.test.ts`,
      "the primary stays where there are replicas, and the last replica where zones do not count",
    ],
  },
  {
    name: "last-zone-goes",
    rule: "in multi mode the nodes that stay stand in more than one zone",
    file: `${TAURUS}/node.ts`,
    find: "return replicas.length > 0 && apart;",
    put: "return replicas.length > 0 || !apart;",
    test: [`${TAURUS}/node.test.ts`, "the primary, the last replica and the last other zone stay"],
  },
  {
    name: "node-of-a-busy-database",
    rule: "a node is busy while another one comes or goes",
    file: `${TAURUS}/node.ts`,
    find: "if (working.length > 0) return working.map(asBlocker);",
    put: "",
    test: [`${TAURUS}/node.test.ts`, "a node is busy while another one comes or goes"],
  },
  {
    name: "launched-without-storage",
    rule: "no node is launched before its cluster's storage is there",
    file: `${TAURUS}/node.ts`,
    find: 'if (look.is === "ready") return { is: "done" };',
    put: 'if (look.is !== "broken") return { is: "done" };',
    test: [`${TAURUS}/instance.test.ts`, "no node is launched before its cluster's storage is there"],
  },
  {
    name: "storage-freed-under-nodes",
    rule: "a database's storage is freed once its nodes and proxies are gone",
    file: `${TAURUS}/instance.ts`,
    find: 'plan: () => ["proxies-and-nodes-gone", "free-storage"],',
    put: 'plan: () => ["free-storage"],',
    test: [
      `${TAURUS}/instance-delete.test.ts`,
      "a deletion takes the proxies and nodes with it as one job, and shows the last status until all is gone",
    ],
  },
  {
    name: "proxy-not-drained",
    rule: "a proxy is drained before it is unmade",
    file: `${TAURUS}/proxy.ts`,
    find: 'plan: () => ["drain", "close"],',
    put: 'plan: () => ["close"],',
    test: [`${TAURUS}/proxy.test.ts`, "a proxy is drained before it is unmade"],
  },
  {
    name: "any-of-several-proxies",
    rule: "of several proxies the ones to delete must be named",
    file: `${TAURUS}/delete-proxy.ts`,
    find: "if (counted.length > 1) throw refused(NOT_CHOSEN_CODE);",
    put: "",
    test: [`${TAURUS}/proxy.test.ts`, "of several proxies the ones to delete must be named"],
  },
  {
    name: "second-job-for-a-proxy",
    rule: "asked again while it is deleted, the same job is answered",
    file: `${TAURUS}/delete-proxy.ts`,
    find: "const jobId = joined ?? newJobId();",
    put: 'const jobId = joined === "" ? joined : newJobId();',
    test: [`${TAURUS}/proxy.test.ts`, "asked again while it is deleted, the same job is answered, with ids or without"],
  },
  {
    name: "fifth-proxy",
    rule: "a database has at most four proxies",
    file: `${TAURUS}/create-proxy.ts`,
    find: "if (proxies.length >= most)",
    put: "if (proxies.length > most)",
    test: [`${TAURUS}/create-proxy.test.ts`, "a database has at most four proxies, and fewer with an old kernel"],
  },
  {
    name: "proxy-without-replica",
    rule: "a proxy needs a replica",
    file: `${TAURUS}/create-proxy.ts`,
    find: "if (replicas.length === 0)",
    put: "if (replicas.length < 0)",
    test: [`${TAURUS}/create-proxy.test.ts`, "a proxy needs a replica"],
  },
  {
    name: "two-proxies-enabled-at-once",
    rule: "only one proxy of a database is being enabled at a time",
    file: `${TAURUS}/routes/proxies.ts`,
    find: '[...nodes, ...proxies.filter((one) => one.state === "ENABLING PROXY")]',
    put: "[...nodes]",
    test: [`${TAURUS}/create-proxy.test.ts`, "only one proxy of a database is being enabled at a time"],
  },
  {
    name: "too-many-nodes",
    rule: "a database has a most of nodes",
    file: `${TAURUS}/routes/nodes.ts`,
    find: "> NODES_MOST) throw",
    put: "> 10 * NODES_MOST) throw",
    test: [`${TAURUS}/node.test.ts`, "what cannot be added is refused"],
  },
]);

const clouddc: Mutation[] = under("clouddc", [
  {
    name: "server-given-back-early",
    rule: "a server is given back when its instance is terminated",
    file: `${CLOUDDC}/instance.ts`,
    find: 'after: (effects, instance) => effects.move(instance.parentId ?? "", "ready"),',
    put: "",
    test: [
      `${CLOUDDC}/delete.test.ts`,
      "a running instance shuts down, is terminated, and gives its server back in that moment",
    ],
  },
  {
    name: "delete-does-not-abort",
    rule: "a delete of a pending instance aborts its creation",
    file: `${CLOUDDC}/instance.ts`,
    find: 'aborts: ["create", "reinstall", "modify-ip"],',
    put: 'aborts: ["reinstall", "modify-ip"],',
    test: [`${CLOUDDC}/delete.test.ts`, "a delete of a pending instance aborts its creation"],
  },
  {
    name: "delete-does-not-abort-reinstall",
    rule: "a delete aborts a reinstall",
    file: `${CLOUDDC}/instance.ts`,
    find: 'aborts: ["create", "reinstall", "modify-ip"],',
    put: 'aborts: ["create", "modify-ip"],',
    test: [`${CLOUDDC}/changes.test.ts`, "a delete aborts a reinstall"],
  },
  {
    name: "busy-server-taken",
    rule: "a named server that is not idle is refused",
    file: `${CLOUDDC}/deploy.ts`,
    find: "if (busy.length > 0) throw refuse.notReady(SERVER, busy);",
    put: "",
    test: [
      `${CLOUDDC}/instance-life.test.ts`,
      "a named server that is in use, under repair or frozen is refused, and one that does not exist is not found",
    ],
  },
  {
    name: "frozen-server-taken",
    rule: "a frozen server is not idle",
    file: `${CLOUDDC}/server.ts`,
    find: 'server.state === "ready" && serverSpec(server).frozen_state === 0 && !isPowering(server)',
    put: 'server.state === "ready" && !isPowering(server)',
    test: [
      `${CLOUDDC}/instance-life.test.ts`,
      "a named server that is in use, under repair or frozen is refused, and one that does not exist is not found",
    ],
  },
  {
    name: "fewer-than-asked",
    rule: "fewer idle servers than min_count start nothing",
    file: `${CLOUDDC}/deploy.ts`,
    find: "if (idle.length < placement.min)",
    put: "if (idle.length < 0)",
    test: [`${CLOUDDC}/run-instances.test.ts`, "fewer idle servers than min_count start nothing"],
  },
  {
    name: "address-given-twice",
    rule: "an address is one instance's",
    file: `${CLOUDDC}/addresses.ts`,
    find: "if (this.#taken.has(keyOf(subnet, address))) {",
    put: 'if (subnet === "") {',
    test: [`${CLOUDDC}/run-instances.test.ts`, "a named address is kept, and refused to others in its subnet"],
  },
  {
    name: "half-a-batch",
    rule: "a batch with something unknown in it does nothing",
    file: `${CLOUDDC}/batch.ts`,
    find: "if (absent.length > 0) throw refuse.notFound(kind, absent);",
    put: "",
    test: [
      `${CLOUDDC}/delete.test.ts`,
      "a batch with something unknown in it deletes nothing, and the answer names all of that",
    ],
  },
  {
    name: "power-during-installation",
    rule: "power is left alone while an instance is installed or removed",
    file: `${CLOUDDC}/routes/servers.ts`,
    find: "isPowering(one) || left.some(({ parentId }) => parentId === one.id)",
    put: 'isPowering(one) || left.some(({ parentId }) => parentId === "")',
    test: [
      `${CLOUDDC}/power.test.ts`,
      "power is refused while an instance is installed or removed, and while another change is under way",
    ],
  },
  {
    name: "power-during-power",
    rule: "power is left alone while another change of it is under way",
    file: `${CLOUDDC}/routes/servers.ts`,
    find: "isPowering(one) || left.some(",
    put: "left.some(",
    test: [`${CLOUDDC}/power.test.ts`, "a batch names every server whose power is changing"],
  },
  {
    name: "reinstall-after-failed-delete",
    rule: "what is half deleted is not reinstalled",
    file: `${CLOUDDC}/routes/changes.ts`,
    find: ' && one.error?.verb !== "delete"',
    put: "",
    test: [
      `${CLOUDDC}/changes.test.ts`,
      "a reinstall is refused while an instance comes or goes, and after a failed delete; all in the way are named",
    ],
  },
  {
    name: "installed-without-power",
    rule: "an installation waits for its server's power",
    file: `${CLOUDDC}/instance.ts`,
    find: 'create: { ...life, from: [], plan: () => ["server-powered", "install"] },',
    put: 'create: { ...life, from: [], plan: () => ["install"] },',
    test: [`${CLOUDDC}/power.test.ts`, "an installation switches its server on, and waits for that"],
  },
  {
    name: "placed-at-once",
    rule: "requests at the same time choose different servers and addresses",
    file: `${CLOUDDC}/deploy.ts`,
    find: "  await holdPlacing(accepting);\n",
    put: "",
    test: [`${CLOUDDC}/run-instances.test.ts`, "requests at the same time choose different servers and addresses"],
    store: "postgres",
  },
]);

const modelarts: Mutation[] = under("modelarts", [
  {
    name: "running-notebook-goes",
    rule: "a running instance is not deleted",
    file: `${MODELARTS}/notebook.ts`,
    find: 'from: ["STOPPED", "CREATE_FAILED", "START_FAILED", "UNAVAILABLE"],',
    put: 'from: ["RUNNING", "STOPPED", "CREATE_FAILED", "START_FAILED", "UNAVAILABLE"],',
    test: [`${MODELARTS}/delete.test.ts`, "a running instance is not deleted, and runs on"],
  },
  {
    name: "unavailable-for-ever",
    rule: "after a delete that has failed for good, the next one finishes it",
    file: `${MODELARTS}/notebook.ts`,
    find: 'from: ["STOPPED", "CREATE_FAILED", "START_FAILED", "UNAVAILABLE"],',
    put: 'from: ["STOPPED", "CREATE_FAILED", "START_FAILED"],',
    test: [
      `${MODELARTS}/delete.test.ts`,
      "a delete that the world refuses for good ends in UNAVAILABLE, and the next one finishes it",
    ],
  },
  {
    name: "volume-stays",
    rule: "a deleted instance's storage goes with it",
    file: `${MODELARTS}/notebook.ts`,
    find: 'plan: () => ["remove-container", "remove-volume"],',
    put: 'plan: () => ["remove-container"],',
    test: ["test/seeds/modelarts.test.ts", "the instance is gone after it, with its container and its storage"],
  },
  {
    name: "eleventh-notebook",
    rule: "a project has ten instances at most",
    file: `${MODELARTS}/routes/instances.ts`,
    find: "if (all.length > INSTANCES_MOST)",
    put: "if (all.length > INSTANCES_MOST + 1)",
    test: [`${MODELARTS}/create.test.ts`, "a project has ten instances at most, and a deleted one makes room"],
  },
  {
    name: "name-used-twice",
    rule: "a name is used once in a project",
    file: `${MODELARTS}/routes/instances.ts`,
    find: "unique: true, spec",
    put: "unique: false, spec",
    test: [`${MODELARTS}/create.test.ts`, "a name is used once in a project, until the instance is deleted"],
  },
  {
    name: "changed-while-deleting",
    rule: "while DELETING, changes are refused",
    file: `${MODELARTS}/routes/instances.ts`,
    find: 'if (found.state === "DELETING") throw',
    put: 'if (found.state === "") throw',
    test: [`${MODELARTS}/notebook.test.ts`, "while DELETING, actions and changes are refused"],
  },
  {
    name: "token-of-a-stopped-one",
    rule: "the token opens a running instance, and there is none for another",
    file: `${MODELARTS}/routes/actions.ts`,
    find: 'if (found.state !== "RUNNING" || token === undefined)',
    put: "if (token === undefined)",
    test: [`${MODELARTS}/notebook.test.ts`, "the token opens a running instance, and there is none for another"],
  },
  {
    name: "stop-without-deadline",
    rule: "no stage goes on for ever, because a delete is refused meanwhile",
    file: `${MODELARTS}/notebook.ts`,
    find: '"stop-container": { ...removeContainer, deadlineMs: STAGE_DEADLINE_MS },',
    put: '"stop-container": removeContainer,',
    test: [`${MODELARTS}/failures.test.ts`, "no stage goes on for ever, because a delete is refused meanwhile"],
  },
  {
    name: "sold-twice",
    rule: "a bounded flavor is not given out twice",
    file: "src/drivers/simulated/world.ts",
    find: "if (used + wanted.units > size) {",
    put: "if (wanted.units > size) {",
    test: [
      `${MODELARTS}/failures.test.ts`,
      "the room of a flavor is shared by every project, and a stop gives it back",
    ],
  },
]);

export const services: Mutation[] = [...fabric, ...taurusdb, ...clouddc, ...modelarts];
