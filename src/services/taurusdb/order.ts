import type { Resource } from "../../lifecycle/index.ts";
import { specOf } from "./instance.ts";

/** How an answer names what was started: by job, or by order where the database is paid for beforehand. */
export function startedAs(instance: Resource, jobId: string): { job_id: string | null; order_id: string | null } {
  const { order_id } = specOf(instance);
  return order_id === null ? { job_id: jobId, order_id: null } : { job_id: null, order_id };
}

/** The same, without the one that is not there: as creations answer. */
export function startedBy(instance: Resource, jobId: string): { job_id: string } | { order_id: string } {
  const { order_id } = specOf(instance);
  return order_id === null ? { job_id: jobId } : { order_id };
}
