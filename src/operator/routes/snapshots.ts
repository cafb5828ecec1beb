import { Type } from "typebox";
import { isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import type { SnapshotFile } from "../snapshot-files.ts";
import { Snapshots } from "../snapshots.ts";

const Name = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" });
const params = Type.Object({ name: Name });
const NO_FIELDS = Type.Object({}, { additionalProperties: false });

const view = ({ name, bytes, savedAt }: SnapshotFile) => ({ name, bytes, saved_at: isoMillis(savedAt) });

const shape = { action: null, access: "operator", unhurried: true } as const;

export function snapshotRoutes(desk: Desk): Operation[] {
  const snapshots = new Snapshots(desk);
  return [
    operation({
      ...shape,
      id: "ListSnapshots",
      method: "GET",
      path: "/ebb/v1/snapshots",
      summary: "The snapshots in the data folder",
      success: 200,
      handle: async () => ({ body: { snapshots: snapshots.list().map(view), next: null } }),
    }),
    operation({
      ...shape,
      id: "SaveSnapshot",
      method: "POST",
      path: "/ebb/v1/snapshots",
      summary: "Keeps the whole state, the world included, in one file; a file of the same name is replaced",
      success: 201,
      body: Type.Object({ name: Name }, { additionalProperties: false }),
      handle: async ({ body }) => {
        const { rows, ...file } = await snapshots.save(body.name);
        return { body: { ...view(file), rows } };
      },
    }),
    operation({
      ...shape,
      id: "LoadSnapshot",
      method: "POST",
      path: "/ebb/v1/snapshots/{name}/load",
      summary: "Puts the snapshot's state in the place of the present one",
      success: 200,
      params,
      body: NO_FIELDS,
      emptyBody: {},
      handle: async ({ params: { name } }) => ({ body: view(await snapshots.load(name)) }),
    }),
    operation({
      ...shape,
      id: "DeleteSnapshot",
      method: "DELETE",
      path: "/ebb/v1/snapshots/{name}",
      summary: "Removes the file of a snapshot",
      success: 204,
      params,
      handle: async ({ params: { name } }) => {
        snapshots.remove(name);
        return {};
      },
    }),
    operation({
      ...shape,
      id: "Reset",
      method: "POST",
      path: "/ebb/v1/reset",
      summary: "Back to an empty cloud; accounts, tokens and the clock stay",
      success: 204,
      body: NO_FIELDS,
      emptyBody: {},
      handle: async () => {
        await snapshots.reset();
        return {};
      },
    }),
  ];
}
