import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "../port.ts";

/** A server in a container may be any user, and the folder is its own to write. */
const FOR_ALL = 0o777;

const outside = (path: string) =>
  new Refusal(`${path} is no path inside a bucket`, {
    owner: "the caller",
    hint: "name a bucket and a folder in it",
    forGood: true,
  });

/**
 * The folder that stands for a path in a tenant's object storage, below `buckets`. It is made when it is not there, and it
 * stays. What a notebook has written there may be a link to anywhere: no link is followed.
 * @throws Refusal
 */
export function bucketFolder(buckets: string, tenant: string, path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const wrong = parts.length === 0 || parts.some((part) => part === ".." || part.includes("\0"));
  if (wrong || !/^[\w-]+$/.test(tenant)) throw outside(path);
  mkdirSync(buckets, { recursive: true });
  let folder = buckets;
  for (const part of [tenant, ...parts]) {
    folder = join(folder, part);
    const there = lstatSync(folder, { throwIfNoEntry: false });
    if (there && !there.isDirectory()) throw outside(path);
    if (there) continue;
    mkdirSync(folder);
    chmodSync(folder, FOR_ALL);
  }
  return folder;
}
