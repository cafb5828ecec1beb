import { spawn } from "node:child_process";
import { once } from "node:events";

export const NONINTERACTIVE = { DEBIAN_FRONTEND: "noninteractive" };

/** Runs a command to its end. What it prints is shown only when it fails, unless it is to be seen at once. */
export async function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
  options: { seen?: boolean } = {},
): Promise<void> {
  const stdio = options.seen ? "inherit" : "pipe";
  const child = spawn(command, args, { stdio: ["ignore", stdio, stdio], env: { ...process.env, ...env } });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part: Buffer) => said.push(part.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${said.join("").slice(-4_000)}`);
}
