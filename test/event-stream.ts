import type { Readable } from "node:stream";

/** One block of a stream of server-sent events: its fields by name, comments as `comment`. */
export type Frame = Readonly<Partial<Record<"id" | "event" | "data" | "comment", string>>>;

function toFrame(block: string): Frame {
  return Object.fromEntries(
    block.split("\n").map((line) => {
      const [name = "", ...rest] = line.split(":");
      return [name || "comment", rest.join(":").trim()];
    }),
  );
}

/** Reads a stream block by block; `next` answers undefined at its end. */
export class Frames {
  readonly #chunks: AsyncIterator<Uint8Array | string>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(body: Readable | ReadableStream<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  async next(): Promise<Frame | undefined> {
    while (!this.#text.includes("\n\n")) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#text += typeof value === "string" ? value : this.#decoder.decode(value, { stream: true });
    }
    const [block = "", ...rest] = this.#text.split("\n\n");
    this.#text = rest.join("\n\n");
    return toFrame(block);
  }

  /** The next block that carries an event, as [id, event]. */
  async event(): Promise<[number, Record<string, unknown>]> {
    for (;;) {
      const frame = await this.next();
      if (!frame) throw new Error("the stream has ended");
      if (frame.data !== undefined) return [Number(frame.id), JSON.parse(frame.data) as Record<string, unknown>];
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
