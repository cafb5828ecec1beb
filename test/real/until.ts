const GIVE_UP_MS = 120_000;
const LOOK_MS = 50;

/** Looks until there is something to see, or fails after `most` ms. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, most = GIVE_UP_MS): Promise<T> {
  const end = performance.now() + most;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > end) throw new Error(`${what}: not seen within ${most} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
