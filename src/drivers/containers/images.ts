import type Docker from "dockerode";
import { Refusal } from "../port.ts";
import { fullDisk, fullLine, statusOf, wordsOf } from "./trouble.ts";

/** How long a call waits for an image before it is tried again later (real ms). */
const WAIT_MS = 60_000;

/** Fetches what is not there. A fetch goes on when the call that began it gives up waiting; the next one finds it. */
export class Images {
  readonly #docker: Docker;
  readonly #fetches = new Map<string, Promise<void>>();

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  /** @throws Refusal when the image cannot be had; Error while it is being fetched */
  async there(image: string): Promise<void> {
    if (await this.isThere(image)) return;
    let fetch = this.#fetches.get(image);
    if (!fetch) {
      fetch = this.#fetch(image).finally(() => this.#fetches.delete(image));
      this.#fetches.set(image, fetch);
    }
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`the image ${image} is being fetched`)), WAIT_MS);
    try {
      await Promise.race([fetch, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async isThere(image: string): Promise<boolean> {
    try {
      await this.#docker.getImage(image).inspect();
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  async #fetch(image: string): Promise<void> {
    try {
      const stream = await this.#docker.pull(image);
      await new Promise<void>((resolve, reject) =>
        this.#docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve())),
      );
    } catch (error) {
      const full = fullLine(wordsOf(error));
      if (full !== undefined) throw fullDisk(full);
      throw new Refusal(`the image ${image} cannot be fetched: ${wordsOf(error)}`, {
        owner: "whoever runs Ebb",
        hint: `docker pull ${image}, or name another under drivers.containers.images`,
      });
    }
  }
}
