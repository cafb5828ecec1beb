import type { Operation, Service } from "../../wire/index.ts";
import { catalogueOf, type Flavor } from "./catalogue.ts";
import { taurusdbDialect } from "./dialect.ts";
import { instanceKind } from "./instance.ts";
import { nodeKind } from "./node.ts";
import { proxyKind } from "./proxy.ts";
import * as creation from "./routes/create-instance.ts";
import * as flavors from "./routes/flavors.ts";
import * as instances from "./routes/instances.ts";
import * as jobs from "./routes/jobs.ts";
import * as nodes from "./routes/nodes.ts";
import * as proxies from "./routes/proxies.ts";

const operations: Operation[] = [creation, instances, nodes, proxies, jobs, flavors].flatMap((routes) =>
  Object.values(routes),
);

const sized = (list: readonly Flavor[], pool: (code: string) => string): [string, number][] =>
  list.flatMap(({ spec_code, capacity }) => (capacity === undefined ? [] : [[pool(spec_code), capacity]]));

/** TaurusDB: databases, their nodes, and the proxies in front of them. */
export const taurusdb: Service = {
  name: "gaussdb",
  title: "TaurusDB",
  kinds: [instanceKind, nodeKind, proxyKind],
  operations,
  dialect: taurusdbDialect,
  capacity(inventory) {
    const { flavors: nodeFlavors, proxy_flavors } = catalogueOf(inventory);
    return Object.fromEntries([
      ...sized(nodeFlavors, (code) => code),
      ...sized(proxy_flavors, (code) => `proxy/${code}`),
    ]);
  },
};
