import { Type } from "typebox";
import type { Lifecycle, Resource } from "../../../lifecycle/index.ts";
import { operation } from "../../../wire/index.ts";
import { absent } from "../dialect.ts";
import { familiesOf } from "../family.ts";
import { jobOf, jobView } from "../jobs.ts";
import { INSTANCE, NODE, PROXY } from "../kinds.ts";
import { InProject, isJobId } from "../schemas.ts";

/** The database that a job is about: what it works on, or what that belongs to. Deleted ones too. */
async function databaseOf(lifecycle: Lifecycle, tenant: string, resourceId: string): Promise<Resource | undefined> {
  const find = async (id: string) => {
    const [found] = await lifecycle.list({ kind: [INSTANCE, NODE, PROXY], tenant, ids: [id], gone: true });
    return found;
  };
  const found = await find(resourceId);
  return found?.parentId ? find(found.parentId) : found;
}

export const showGaussMySqlJobInfo = operation({
  id: "ShowGaussMySqlJobInfo",
  method: "GET",
  path: "/v3/{project_id}/jobs",
  summary: "Shows a job",
  action: "gaussdb:instance:list",
  success: 200,
  params: InProject,
  query: Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) }),
  async handle({ query, caller }, { lifecycle, clock }) {
    const { tenant } = caller;
    if (!isJobId(query.id)) throw absent("200543");
    const job = jobOf(query.id, await lifecycle.job(tenant, query.id), clock.now());
    if (!job) throw absent("200543");
    const instance = await databaseOf(lifecycle, tenant, job.lead.resourceId);
    const [family] = instance ? await familiesOf(lifecycle, tenant, [instance]) : [];
    return { body: jobView(job, instance ?? { id: "", name: "" }, family) };
  },
});
