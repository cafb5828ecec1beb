import type { Operation, Service } from "../../wire/index.ts";
import { catalogueOf } from "./catalogue.ts";
import { modelartsDialect } from "./dialect.ts";
import { notebookKind } from "./notebook.ts";
import * as actions from "./routes/actions.ts";
import * as instances from "./routes/instances.ts";

const operations: Operation[] = [instances, actions].flatMap((routes) => Object.values(routes));

/** ModelArts DevEnviron: notebook instances, as the `demanager` API has them. */
export const modelarts: Service = {
  name: "modelarts",
  title: "ModelArts",
  kinds: [notebookKind],
  operations,
  dialect: modelartsDialect,
  capacity(inventory) {
    const sized = catalogueOf(inventory).flavors.flatMap(({ name, capacity }) =>
      capacity === undefined ? [] : ([[name, capacity]] as const),
    );
    return Object.fromEntries(sized);
  },
};
