import type { Accepting, Operation, Resource } from "../../lifecycle/index.ts";
import { COUNTED_FOR_ONLY_ONE, NOT_CHOSEN_CODE, UNKNOWN_PROXY_CODE } from "./choices.ts";
import { absent, refused } from "./dialect.ts";
import { getChild } from "./family.ts";
import { JOBS } from "./jobs.ts";
import { INSTANCE, PROXY } from "./kinds.ts";
import { isProxyId } from "./schemas.ts";

/**
 * Starts deleting the named proxies of a database, or its only one, as one job; answers the job's id.
 * What is being deleted already is not deleted twice: the others then join its job.
 */
export async function deleteProxies(
  accepting: Accepting,
  instanceId: string,
  named: readonly string[],
  newJobId: () => string,
): Promise<string> {
  const instance = await accepting.get(INSTANCE, instanceId);
  const proxies = await accepting.list({ kind: PROXY, parents: [instance.id] });
  const chosen: Resource[] = [];
  for (const id of choose(proxies, named)) chosen.push(await getChild(accepting, instance, PROXY, id));
  const deleting = chosen.filter((one) => one.state === "DISABLING PROXY");
  const fresh = chosen.filter((one) => one.state !== "DISABLING PROXY");
  const joined = await runningJob(accepting, instance, deleting);
  const jobId = joined ?? newJobId();
  for (const proxy of fresh) await accepting.submit("delete", proxy, { jobId, label: JOBS.closeProxy });
  return jobId;
}

/** The ids that the request means: each named one once, in an order that two requests share. */
function choose(proxies: readonly Resource[], named: readonly string[]): string[] {
  const ids = [...new Set(named)].toSorted();
  if (!ids.every(isProxyId)) throw absent(UNKNOWN_PROXY_CODE);
  if (ids.length > 0) return ids;
  const counted = proxies.filter(({ state }) => (COUNTED_FOR_ONLY_ONE as readonly string[]).includes(state));
  if (counted.length > 1) throw refused(NOT_CHOSEN_CODE);
  if (counted.length === 0) throw absent(UNKNOWN_PROXY_CODE);
  return counted.map((one) => one.id);
}

/** The job that deletes these proxies already (of several, the one accepted last), or else the whole database. */
async function runningJob(
  accepting: Accepting,
  instance: Resource,
  deleting: readonly Resource[],
): Promise<string | undefined> {
  const ending = deleting.length === 0 && instance.state === "DELETING" ? [instance] : deleting;
  const running: Operation[] = [];
  for (const one of ending) running.push((await accepting.submit("delete", one)).operation);
  return running.toSorted((a, b) => a.acceptedAt - b.acceptedAt).at(-1)?.jobId;
}
