import type { Command } from "commander";
import { addOperatorOptions, askOperator, type OperatorFlags, print, table } from "./operator.ts";

interface Snapshot {
  name: string;
  bytes: number;
  saved_at: string;
}

/** `ebb snapshot` and `ebb reset`: the whole state in a file, and back. */
export function addSnapshotCommands(program: Command): void {
  const snapshot = program.command("snapshot").description("keep the whole state in a file, and put it back");
  addOperatorOptions(snapshot.command("save <name>"))
    .description("keep the whole state, the world included")
    .action(async (name: string, flags: OperatorFlags) => {
      const { body } = await askOperator(flags, "POST", "/snapshots", { name });
      print(flags, body, () => `snapshot ${body.name}: ${body.rows} rows, ${body.bytes} bytes`);
    });
  addOperatorOptions(snapshot.command("load <name>"))
    .description("put the state of a snapshot in the place of the present one")
    .action(async (name: string, flags: OperatorFlags) => {
      const { body } = await askOperator(flags, "POST", `/snapshots/${encodeURIComponent(name)}/load`);
      print(flags, body, () => `the state is that of snapshot ${body.name}, taken ${body.saved_at}`);
    });
  addOperatorOptions(snapshot.command("list"))
    .description("show the snapshots in the data folder")
    .action(async (flags: OperatorFlags) => {
      const { body } = await askOperator(flags, "GET", "/snapshots");
      const rows = (body.snapshots as Snapshot[]).map((one) => [one.name, one.bytes, one.saved_at]);
      print(flags, body, () => (rows.length > 0 ? table(["NAME", "BYTES", "SAVED"], rows) : "no snapshot"));
    });
  addOperatorOptions(snapshot.command("rm <name>"))
    .description("remove the file of a snapshot")
    .action(async (name: string, flags: OperatorFlags) => {
      await askOperator(flags, "DELETE", `/snapshots/${encodeURIComponent(name)}`);
      print(flags, {}, () => `snapshot ${name} is removed`);
    });
  addOperatorOptions(program.command("reset"))
    .description("back to an empty cloud; accounts, tokens and the clock stay")
    .action(async (flags: OperatorFlags) => {
      await askOperator(flags, "POST", "/reset");
      print(flags, {}, () => "the cloud is empty");
    });
}
