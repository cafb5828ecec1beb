import { link, mkdir, open, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createIds, systemRandom } from "../ids.ts";

/** Octets of an AES-256 key. */
const LENGTH = 32;
const OWNER_ONLY = 0o600;
const READABLE_BY_OTHERS = 0o077;

const onWindows = process.platform === "win32";

/**
 * The key of `<dataDir>/secret.key`, which is made if there is none. Only its owner may read it.
 * @throws when the file is not a key
 */
export async function loadSecretKey(dataDir: string): Promise<Uint8Array> {
  const file = join(dataDir, "secret.key");
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const key = (await read(file)) ?? (await create(file));
  if (key.length !== LENGTH)
    throw new Error(`${file} has ${key.length} bytes and a key has ${LENGTH}: put the right file back`);
  return key;
}

/** The key of a data folder, or undefined where none has been made. */
export const readSecretKey = (dataDir: string): Promise<Uint8Array | undefined> => read(join(dataDir, "secret.key"));

async function read(file: string): Promise<Uint8Array | undefined> {
  let handle;
  try {
    handle = await open(file, "r");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
  try {
    const { mode } = await handle.stat();
    if (!onWindows && (mode & READABLE_BY_OTHERS) !== 0) await handle.chmod(OWNER_ONLY);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The file gets its name only when it is whole and on the disk; of several processes that make one, the first wins. */
async function create(file: string): Promise<Uint8Array> {
  const draft = `${file}.${createIds().hex32()}`;
  const handle = await open(draft, "wx", OWNER_ONLY);
  try {
    await handle.writeFile(systemRandom.bytes(LENGTH));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    await unlink(draft);
  }
  await syncFolder(dirname(file));
  const key = await read(file);
  if (!key) throw new Error(`${file} was taken away while Ebb started`);
  return key;
}

/** What is sealed with the key must not reach the disk before the key's name does. Windows cannot sync a folder. */
async function syncFolder(folder: string): Promise<void> {
  if (onWindows) return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isCode = (error: unknown, code: string): boolean => (error as { code?: string }).code === code;
