import { enableCompileCache } from "node:module";
import type { Life } from "./life-shape.ts";
import { withoutSchemas } from "./light.ts";

/** One life of a process that will be killed. What it is to do stands in its only argument, as JSON. */
enableCompileCache();
withoutSchemas();
const { live } = await import("./life.ts");
await live(JSON.parse(process.argv[2] ?? "{}") as Life);
