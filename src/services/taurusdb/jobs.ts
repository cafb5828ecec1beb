import type { Operation } from "../../lifecycle/index.ts";
import { isoOffset } from "../../wire/index.ts";
import { DATABASE_PORT, JOB_READABLE_MS } from "./choices.ts";
import type { Family } from "./family.ts";
import { specOf } from "./instance.ts";
import { INSTANCE, NODE, PROXY } from "./kinds.ts";

/** The documented names of jobs, by what they are for. */
export const JOBS = {
  createInstance: "CreateGaussDBforMySQLInstance",
  deleteInstance: "DeleteGaussDBforMySQLInstance",
  addNodes: "AddGaussDBforMySQLNodes",
  deleteNode: "DeleteGaussDBforMySQLNode",
  openProxy: "OpenGaussDBforMySQLProxy",
  closeProxy: "CloseGaussDBforMySQLProxy",
} as const;

/** The name of an operation that nobody labelled: one that a deletion took along, or that a repair started again. */
const NAMES: Readonly<Record<string, string>> = {
  [`${INSTANCE}/create`]: JOBS.createInstance,
  [`${INSTANCE}/delete`]: JOBS.deleteInstance,
  [`${NODE}/create`]: JOBS.addNodes,
  [`${NODE}/delete`]: JOBS.deleteNode,
  [`${PROXY}/create`]: JOBS.openProxy,
  [`${PROXY}/delete`]: JOBS.closeProxy,
};

/** A job: what one request started, and what later requests have joined to it. */
export interface Job {
  id: string;
  name: string;
  status: "Running" | "Completed" | "Failed";
  process: string;
  failReason: string;
  createdAt: number;
  endedAt: number | null;
  /** The operation that the job is named after. */
  lead: Operation;
}

const KINDS: readonly string[] = [INSTANCE, NODE, PROXY];

/** The job that these operations are, or undefined when there is none to be read at `now`. */
export function jobOf(id: string, operations: readonly Operation[], now: number): Job | undefined {
  const ours = operations.filter((one) => KINDS.includes(one.kind));
  const lead = ours.find((one) => one.kind === INSTANCE) ?? ours.find((one) => one.label !== one.verb) ?? ours[0];
  if (!lead) return undefined;
  const latest = latestByResource(ours);
  const failures = latest.filter((one) => one.state === "failed" || one.state === "aborted");
  // What else failed may have failed because of it.
  const stopped = failures.find((one) => one.resourceId === lead.resourceId) ?? failures[0];
  const running = latest.some((one) => one.state === "running");
  const ended = Math.max(...latest.map((one) => one.finishedAt ?? 0));
  if (!running && now - ended > JOB_READABLE_MS) return undefined;
  const status = stopped ? "Failed" : running ? "Running" : "Completed";
  return {
    id,
    name: lead.label === lead.verb ? (NAMES[`${lead.kind}/${lead.verb}`] ?? lead.label) : lead.label,
    status,
    process: status === "Running" ? progressOf(latest) : "",
    failReason: stopped ? (stopped.error?.reason ?? "replaced by a later request") : "",
    createdAt: Math.min(...ours.map((one) => one.acceptedAt)),
    endedAt: status === "Running" ? null : ended,
    lead,
  };
}

/** What became of each resource last: a failed deletion that was asked for again counts no more. */
function latestByResource(operations: readonly Operation[]): Operation[] {
  const latest = new Map<string, Operation>();
  for (const one of operations) {
    const before = latest.get(one.resourceId);
    if (!before || one.fence > before.fence) latest.set(one.resourceId, one);
  }
  return [...latest.values()];
}

/** `40%`: the steps that are done; never the whole while it runs. */
function progressOf(operations: readonly Operation[]): string {
  const sum = (count: (one: Operation) => number) => operations.reduce((total, one) => total + count(one), 0);
  const [done, all] = [sum((one) => one.step), sum((one) => one.plan.steps.length)];
  return `${Math.min(99, Math.floor((100 * done) / Math.max(1, all)))}%`;
}

/** The job as the answer of its operation. `instance` is what is still known of the database. */
export function jobView(job: Job, instance: { id: string; name: string }, family: Family | undefined): object {
  return {
    job: {
      id: job.id,
      name: job.name,
      status: job.status,
      created: isoOffset(job.createdAt),
      ended: job.endedAt === null ? "" : isoOffset(job.endedAt),
      process: job.process,
      instance: { id: instance.id, name: instance.name },
      entities: job.name === JOBS.createInstance && family ? entitiesOf(family) : {},
      fail_reason: job.failReason,
    },
  };
}

/** What a creation has brought about so far. */
function entitiesOf({ instance, nodes }: Family): object {
  const { datastore } = specOf(instance);
  const address = nodes.find((one) => one.spec.role === "master")?.facts.address;
  return {
    instance: {
      endpoint: typeof address === "string" ? `${address}:${DATABASE_PORT}` : "",
      type: specOf(instance).mode,
      datastore: { type: datastore.type, version: datastore.version },
    },
    resource_ids: [...nodes.map((one) => `${one.id}.vm`), `${instance.id}.volume`],
  };
}
