import { dropHouse, readHouse, type Session, type Store, writeHouse } from "../store/index.ts";

const NAME = "clock-turn";
/** How long a turn lasts without a heartbeat, in ms of the store's clock. */
const TURN_MS = 1_200;
const ASK_AGAIN_MS = 20;

interface Turn {
  owner: string;
  until: number;
}

async function readTurn(session: Session): Promise<Turn | undefined> {
  const text = await readHouse(session, NAME);
  return text === undefined ? undefined : (JSON.parse(text) as Turn);
}

/** Takes or extends the turn. False when another process has it. */
function take(store: Store, owner: string): Promise<boolean> {
  return store.write("clock", async (tx) => {
    await tx.lock(NAME);
    const row = await tx.get<{ now: number }>(`SELECT ${tx.dbNow} AS now`);
    const now = row?.now ?? 0;
    const turn = await readTurn(tx);
    if (turn && turn.owner !== owner && turn.until >= now) return false;
    await writeHouse(tx, NAME, JSON.stringify({ owner, until: now + TURN_MS } satisfies Turn));
    return true;
  });
}

function leave(store: Store, owner: string): Promise<void> {
  return store.write("clock", async (tx) => {
    await tx.lock(NAME);
    if ((await readTurn(tx))?.owner === owner) await dropHouse(tx, NAME);
  });
}

/**
 * Runs `change` while no other process on the store runs its own: two that move time by half an hour move it by an hour.
 * A turn is a lease: that of a process that has died is over after 1.2 s. `signal` gives up the wait for it.
 */
export async function inTurn<T>(
  store: Store,
  owner: string,
  signal: AbortSignal,
  change: () => Promise<T>,
): Promise<T> {
  if (store.alone) return change();
  while (!(await take(store, owner))) {
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    signal.throwIfAborted();
  }
  // A beat that is missed costs the turn at the worst: two advances then mix, and time still only goes forward.
  const beat = setInterval(() => void take(store, owner).catch(() => {}), TURN_MS / 3);
  try {
    return await change();
  } finally {
    clearInterval(beat);
    await leave(store, owner);
  }
}
