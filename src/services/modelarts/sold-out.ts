import type { Lifecycle, Resource } from "../../lifecycle/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { NOTEBOOK, type NotebookSpec } from "./notebook.ts";

/** States in which a container is there, comes or goes. */
const TAKING = ["CREATING", "STARTING", "RUNNING", "RESTARTING", "STOPPING"];

const flavorOf = (notebook: Resource): string => (notebook.spec as unknown as NotebookSpec).flavor.name;

/** Which flavors of these notebooks have no room left, with every project's notebooks counted. */
export async function soldOutOf(
  shown: readonly Resource[],
  lifecycle: Lifecycle,
  catalogue: Catalogue,
): Promise<ReadonlySet<string>> {
  const wanted = new Set(shown.map(flavorOf));
  const bounded = catalogue.flavors.filter(({ name, capacity }) => capacity !== undefined && wanted.has(name));
  if (bounded.length === 0) return new Set();
  const taking = (await lifecycle.list({ kind: NOTEBOOK, states: TAKING })).map(flavorOf);
  const full = bounded.filter(({ name, capacity = 0 }) => taking.filter((one) => one === name).length >= capacity);
  return new Set(full.map(({ name }) => name));
}
