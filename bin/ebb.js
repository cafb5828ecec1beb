#!/usr/bin/env -S node --max-semi-space-size=1
// Plain JavaScript on purpose: an older Node must be able to read it and say what is wrong in one line.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    `ebb needs Node 24 and this is ${process.version}: run "npm ci" in its folder, then "npm start" or "npx ebb", which use the pinned one.`,
  );
  process.exit(1);
}
const { enableCompileCache } = await import("node:module");
enableCompileCache();
const { main } = await import("../src/cli/main.ts");
await main(process.argv);
