import { silentLog } from "../../src/log.ts";
import { openStore } from "../../src/store/index.ts";
import { audit, auditEmpty } from "./audit.ts";
import { FailOnce } from "./fail-once.ts";
import { openHouse, RETAIN_MS } from "./house.ts";
import { Journal } from "./journal.ts";
import { Killer } from "./killer.ts";
import { journalFile, type Life } from "./life-shape.ts";
import { chanceOf } from "./random.ts";
import { Script, type ScriptHouse } from "./script.ts";
import { TALES } from "./tales.ts";
import { Time } from "./time.ts";

const START = Date.UTC(2026, 0, 5, 8, 0, 0);

export async function live({ folder, store: address, tales, schedule, seed, factor }: Life): Promise<void> {
  const journal = new Journal(journalFile(folder));
  const turn = journal.all("born").length;
  journal.write({ is: "born" });
  const killer = new Killer(journal, schedule, address);
  const store = await openStore(address, killer);
  // No two lives draw the same ids, as no two processes would.
  const ids = seed * 10_007 + turn;
  const failOnce = new FailOnce(killer);
  const opened = await openHouse(store, { now: START, ids, factor, inventory: {}, log: silentLog, between: failOnce });
  killer.armed = true;
  const time = new Time(opened.clock, opened.house.lifecycle);
  const chance = (name: string) => (schedule.every ? 1 / 6 : chanceOf(`${seed}/${name}`));
  const house: ScriptHouse = { ...opened, journal, killer, failOnce, time, chance };
  await Promise.all(tales.map((name) => tell(house, name)));
  await finish(new Script(house, "the end"), journal);
  await opened.house.lifecycle.stop();
  killer.close();
  await store.close();
  journal.write({ is: "over" });
}

async function tell(house: ScriptHouse, name: string): Promise<void> {
  const tale = TALES[name];
  if (!tale) throw new Error(`there is no tale ${name}`);
  const script = new Script(house, name);
  await tale.tell(script, name);
  await script.settle();
}

/** Looks over what is left, lets the record of it all run out, and looks again. */
async function finish(script: Script, journal: Journal): Promise<void> {
  await script.once("audit", () => audit(script.house, journal));
  await script.pass(RETAIN_MS + 1);
  await script.house.house.lifecycle.scan();
  await script.once("audit of what stays", () => auditEmpty(script.house, journal));
}
