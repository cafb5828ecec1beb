import { once } from "node:events";
import { createServer, request } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { folderOf } from "./rig.ts";

export interface Line {
  socket: string;
  /** The next such call ("POST /path") is done by the engine, and whoever made it is never told; resolves when it is done. */
  hold(call: RegExp): Promise<void>;
}

/** A way to the engine on which an answer can be held back. */
export async function lineTo(t: TestContext, engine: string): Promise<Line> {
  let held: { call: RegExp; done: () => void } | undefined;
  const server = createServer((asked, answer) => {
    const { method, url = "", headers } = asked;
    const onward = request({ socketPath: engine, method, path: url, headers }, (said) => {
      if (held?.call.test(`${method} ${url}`)) {
        const { done } = held;
        held = undefined;
        said.resume();
        said.once("end", done);
        return;
      }
      answer.writeHead(said.statusCode ?? 500, said.headers);
      said.pipe(answer);
    });
    onward.once("error", () => answer.destroy());
    asked.pipe(onward);
  });
  const socket = join(folderOf(t, "line"), "docker.sock");
  server.listen(socket);
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    socket,
    hold(call) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = { call, done: resolve };
      return promise;
    },
  };
}
