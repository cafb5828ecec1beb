import type { Operation, Service } from "../../wire/index.ts";
import { catalogueOf } from "./catalogue.ts";
import { fabricDialect } from "./dialect.ts";
import { endpointKind } from "./endpoint.ts";
import { instanceKind } from "./instance.ts";
import { jobKind, jobVersionKind } from "./job.ts";
import { modelKind, modelVersionKind } from "./model.ts";
import * as catalogue from "./routes/catalogue.ts";
import * as endpoints from "./routes/endpoints.ts";
import * as instances from "./routes/instances.ts";
import * as invocations from "./routes/invocations.ts";
import * as jobs from "./routes/jobs.ts";
import * as models from "./routes/models.ts";
import * as runs from "./routes/runs.ts";
import * as tags from "./routes/tags.ts";
import * as workspaces from "./routes/workspaces.ts";
import { runKind } from "./run-life.ts";
import { workspaceKind } from "./workspace.ts";

const routes = [workspaces, endpoints, instances, invocations, models, jobs, runs, tags, catalogue];
const operations: Operation[] = routes.flatMap((file) => Object.values(file));

/** DataArtsFabric: workspaces, and what runs in them. */
export const fabric: Service = {
  name: "dataartsfabric",
  title: "DataArtsFabric",
  kinds: [workspaceKind, endpointKind, modelKind, modelVersionKind, instanceKind, jobKind, jobVersionKind, runKind],
  operations,
  dialect: fabricDialect,
  capacity(inventory) {
    const bounded = catalogueOf(inventory).specs.flatMap(({ spec_code, capacity }) =>
      capacity === undefined ? [] : [[spec_code, capacity] as const],
    );
    return Object.fromEntries(bounded);
  },
};
