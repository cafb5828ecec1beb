import type { Log } from "../../log.ts";
import type { Fences } from "../fences.ts";
import type { Domain, Drivers } from "../port.ts";
import { databaseThings } from "./databases.ts";
import { Engine } from "./engine.ts";
import { ContainerHost, type Thing } from "./host.ts";
import { inferenceThings } from "./inference.ts";
import { notebookThings } from "./notebooks.ts";
import { Questions } from "./questions.ts";
import { readSettings } from "./settings.ts";

/** The domains that can be containers. */
export type ContainerDomain = Exclude<Domain, "servers">;

/**
 * The containers behind a domain, on one engine.
 * @param own `drivers.containers` of ebb.yaml
 * @throws SettingError
 */
export function containerDrivers(
  own: unknown,
  dataDir: string,
  fences: Fences,
  log: Log,
): Pick<Drivers, ContainerDomain> {
  const settings = readSettings(own, dataDir);
  const yard = { settings, engine: new Engine(settings.socket) };
  const host = <D extends ContainerDomain>(domain: D, things: object) =>
    new ContainerHost(
      domain,
      yard,
      fences,
      things as Readonly<Record<string, Thing<object, object>>>,
    ) as unknown as Drivers[D];
  const questions = new Questions(yard, log);
  return {
    notebooks: host("notebooks", notebookThings(yard)),
    databases: host("databases", databaseThings(yard)),
    inference: Object.assign(host("inference", inferenceThings(yard)), {
      ask: questions.ask.bind(questions),
    } satisfies Pick<Drivers["inference"], "ask">),
  };
}
