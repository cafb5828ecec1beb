import type { Operation, Service } from "../../wire/index.ts";
import { clouddcDialect } from "./dialect.ts";
import { instanceKind } from "./instance.ts";
import { placeServers } from "./place.ts";
import * as changes from "./routes/changes.ts";
import * as instances from "./routes/instances.ts";
import * as servers from "./routes/servers.ts";
import { serverKind } from "./server.ts";

const operations: Operation[] = [changes, instances, servers].flatMap((routes) => Object.values(routes));

/** CloudDC: physical servers, and the operating systems deployed on them. */
export const clouddc: Service = {
  name: "clouddc",
  title: "CloudDC",
  kinds: [serverKind, instanceKind],
  operations,
  dialect: clouddcDialect,
  start: placeServers,
};
