import { join } from "node:path";
import { verifyChain } from "../../src/lifecycle/index.ts";
import { DELETES_A_BUNDLE } from "./bundle.ts";
import { HOUR, openHouse, RETAIN_MS, type SoakHouse, TENANTS } from "./house.ts";
import { differences, growth, picture, type Sample, sample } from "./measure.ts";
import { Wave, type WaveFigures } from "./wave.ts";

export interface Asked {
  deletes: number;
  months: number;
  seed: number;
}

export interface Figures extends WaveFigures {
  waves: number;
  scans: number;
  /** What the scans found that the runner had lost. */
  scanFound: number;
  chainsVerified: number;
  /** Differences between the store at the start and at the end. */
  leftRows: string[];
  /** Things of the world that are left at the end. */
  leaked: string[];
  heapGrowth: number;
  residentGrowth: number;
  fileGrowth: number;
  fileMost: number;
  heapLast: number;
  virtualMs: number;
  seconds: number;
}

const MONTH = (365.25 / 12) * 24 * HOUR;
/** A wave is a day of the full length, and no smaller than what is worth a wave. */
const WAVES = { least: 24, aMonth: 30 };
const DELETES_A_WAVE_LEAST = 100;
const PROGRESS_MS = 10_000;
const VERIFY_EVERY = 10;

const NONE: WaveFigures = { deletes: 0, failedForGood: 0, aborted: 0, skipped: 0, reclaimed: 0, faultHits: 0 };

/** Lets the time up to `end` pass, with a scan each day: what is gone leaves the store. */
async function rest(house: SoakHouse, end: number, figures: Figures): Promise<void> {
  const { lifecycle, clock } = house;
  do {
    await lifecycle.time.kept.move(Math.max(0, Math.min(24 * HOUR, end - clock.now())));
    await lifecycle.runner.settled();
    const { purged: _, ...found } = await lifecycle.scan();
    figures.scans++;
    figures.scanFound += Object.values(found).reduce((all, count) => all + count, 0);
  } while (clock.now() < end);
}

async function verify({ store }: SoakHouse, figures: Figures): Promise<void> {
  const verdict = await verifyChain(store);
  if (!verdict.whole) throw new Error(`the chain of receipts is broken: ${verdict.wrong}`);
  figures.chainsVerified++;
}

/** What the world still has. */
async function marked({ drivers }: SoakHouse): Promise<string[]> {
  const all = await Promise.all(Object.values(drivers).map((host) => host.marked()));
  return all.flat().map(({ ref }) => ref);
}

export async function soak(folder: string, { deletes, months, seed }: Asked): Promise<Figures> {
  const waves = Math.max(WAVES.least, Math.min(WAVES.aMonth * months, Math.floor(deletes / DELETES_A_WAVE_LEAST)));
  const bundles = TENANTS.length * Math.ceil(deletes / waves / DELETES_A_BUNDLE / TENANTS.length);
  const file = join(folder, "ebb.db");
  const house = await openHouse({ kind: "sqlite", file }, seed, bundles / TENANTS.length);
  const figures: Figures = { ...NONE, ...empty(waves) };
  const samples: Sample[] = [];
  // Once, so that every server has been in use: what is told last of one stays.
  await new Wave(house, `w${seed}-0`).run(bundles);
  await rest(house, house.clock.now() + RETAIN_MS + HOUR, figures);
  const before = await picture(house);
  const [from, began] = [house.clock.now(), performance.now()];
  let told = began;
  for (let number = 1; number <= waves; number++) {
    add(figures, await new Wave(house, `w${seed}-${number}`).run(bundles));
    await rest(house, from + (number * months * MONTH) / waves, figures);
    if (number % VERIFY_EVERY === 0) await verify(house, figures);
    samples.push(sample(file));
    if (performance.now() - told < PROGRESS_MS) continue;
    told = performance.now();
    progress(number, waves, figures, told - began, samples.at(-1));
  }
  figures.seconds = (performance.now() - began) / 1000;
  await rest(house, house.clock.now() + RETAIN_MS + HOUR, figures);
  await verify(house, figures);
  figures.virtualMs = house.clock.now() - from;
  figures.leaked = await marked(house);
  figures.leftRows = differences(before, await picture(house));
  measure(figures, samples);
  await house.close();
  return figures;
}

const empty = (waves: number): Omit<Figures, keyof WaveFigures> => ({
  waves,
  scans: 0,
  scanFound: 0,
  chainsVerified: 0,
  leftRows: [],
  leaked: [],
  heapGrowth: 0,
  residentGrowth: 0,
  fileGrowth: 0,
  fileMost: 0,
  heapLast: 0,
  virtualMs: 0,
  seconds: 0,
});

function add(figures: Figures, wave: WaveFigures): void {
  for (const name of Object.keys(NONE) as (keyof WaveFigures)[]) figures[name] += wave[name];
}

function measure(figures: Figures, samples: readonly Sample[]): void {
  figures.heapGrowth = growth(samples.map((one) => one.heap));
  figures.residentGrowth = growth(samples.map((one) => one.resident));
  figures.fileGrowth = growth(samples.map((one) => one.file));
  figures.fileMost = Math.max(...samples.map((one) => one.file));
  figures.heapLast = samples.at(-1)?.heap ?? 0;
}

const mb = (bytes = 0) => (bytes / 2 ** 20).toFixed(1);

function progress(number: number, waves: number, { deletes }: Figures, ms: number, at: Sample | undefined): void {
  const rate = Math.round(deletes / (ms / 1000));
  console.error(
    `wave ${number}/${waves}: ${deletes} deletes, ${rate}/s, heap ${mb(at?.heap)} MB, resident ${mb(at?.resident)} MB, file ${mb(at?.file)} MB`,
  );
}

const FLAT_WITHIN_PCT = 5;
const FILE_WITHIN_PCT = 10;

/** The promises that were not kept. */
export function broken(figures: Figures): string[] {
  const wrong = [
    ...figures.leftRows.slice(0, 20),
    ...figures.leaked.slice(0, 20).map((ref) => `left in the world: ${ref}`),
  ];
  if (figures.scanFound > 0) wrong.push(`the scans found ${figures.scanFound} things that the runner had lost`);
  if (figures.heapGrowth > FLAT_WITHIN_PCT) wrong.push(`the heap has grown by ${figures.heapGrowth.toFixed(1)} %`);
  if (figures.fileGrowth > FILE_WITHIN_PCT) wrong.push(`the file has grown by ${figures.fileGrowth.toFixed(1)} %`);
  return wrong;
}
