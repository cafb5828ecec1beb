import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { finished } from "node:stream";
import { setTimeout as startTimer } from "node:timers";
import { setTimeout } from "node:timers/promises";
import type { Log } from "../../log.ts";
import { type ModelAnswer, type Question, Refusal } from "../port.ts";
import { answersHttp } from "./answers.ts";
import type { Yard } from "./host.ts";
import { isKept, type Replica, replicasUnder, urlOf } from "./replicas.ts";
import { wordsOf } from "./trouble.ts";

/** How often one that is started is looked at (real ms). */
const LOOK_MS = 500;

/** Sends the question; answers when the model has begun to. A connection of its own: the next replica may be another. */
async function put({ place }: Replica, { path, body, signal }: Question): Promise<ModelAnswer> {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  const sent = request(urlOf(place) + path, { method: "POST", headers, signal, agent: false });
  sent.end(text);
  const [said] = (await once(sent, "response")) as [IncomingMessage];
  return { status: said.statusCode ?? 0, contentType: said.headers["content-type"] ?? "application/json", body: said };
}

/** It was never reached: another may be asked. */
const wasRefused = (error: unknown): boolean => (error as { code?: string }).code === "ECONNREFUSED";

const silent = (reason: string) =>
  new Refusal(reason, {
    owner: "an operator",
    hint: "docker ps -a and docker logs say why; delete the instance and deploy it again if it stays so",
  });

/**
 * Puts questions to the replicas of a model, each to the least busy one. While all are busy one more is started, as far
 * as there are any; one that has had nothing to do for a while is stopped.
 */
export class Questions {
  readonly #yard: Yard;
  readonly #log: Log;
  /** Questions under way, by the container's id. */
  readonly #open = new Map<string, number>();
  /** Started and not answering yet, or being stopped. */
  readonly #aside = new Set<string>();
  readonly #rests = new Map<string, NodeJS.Timeout>();

  constructor(yard: Yard, log: Log) {
    this.#yard = yard;
    this.#log = log;
  }

  /** @throws Refusal when no replica answers */
  async ask(ref: string, question: Question): Promise<ModelAnswer> {
    const all = await replicasUnder(this.#yard, ref);
    const serving = all.filter((one) => one.running && !this.#aside.has(one.id));
    // One that was started before this Ebb was, or with its engine, has nothing to rest from.
    for (const one of serving) if (this.#load(one) === 0 && !this.#rests.has(one.id)) this.#rest(one);
    const byLoad = serving.toSorted((a, b) => this.#load(a) - this.#load(b));
    const { busy_at: busyAt } = this.#yard.settings.inference;
    if (byLoad.every((one) => this.#load(one) >= busyAt)) this.#wake(all);
    for (const one of byLoad) {
      const answer = await this.#put(ref, one, question);
      if (answer) return answer;
    }
    throw silent(`no replica of the model behind ${ref} answers: ${serving.length} of ${all.length} run`);
  }

  #load({ id }: Replica): number {
    return this.#open.get(id) ?? 0;
  }

  /** Undefined when it could not be reached. */
  async #put(ref: string, one: Replica, question: Question): Promise<ModelAnswer | undefined> {
    this.#open.set(one.id, this.#load(one) + 1);
    try {
      const answer = await put(one, question);
      finished(answer.body, () => this.#done(one));
      return answer;
    } catch (error) {
      this.#done(one);
      if (wasRefused(error)) return undefined;
      if (question.signal?.aborted) throw error;
      throw silent(`replica ${one.number} of the model behind ${ref} broke off: ${wordsOf(error)}`);
    }
  }

  #done(one: Replica): void {
    const left = this.#load(one) - 1;
    if (left > 0) this.#open.set(one.id, left);
    else this.#open.delete(one.id);
    this.#rest(one);
  }

  /** Starts one that stands still. It is asked once it answers. */
  #wake(all: readonly Replica[]): void {
    const still = all.find((one) => !one.running && !this.#aside.has(one.id));
    if (!still) return;
    const { engine, settings } = this.#yard;
    this.#apart(still, "a further replica did not start", async () => {
      await engine.start(still.id);
      const end = performance.now() + settings.start_seconds * 1_000;
      while (!(await answersHttp(urlOf(still.place) + settings.inference.health))) {
        if (performance.now() > end) throw new Error(`it has not answered within ${settings.start_seconds} s`);
        await setTimeout(LOOK_MS);
      }
      this.#rest(still);
    });
  }

  /** Stops one that is not always kept, once it has had nothing to do for long enough. */
  #rest(one: Replica): void {
    const { engine, settings } = this.#yard;
    clearTimeout(this.#rests.get(one.id));
    if (isKept(one)) return;
    const stop = () => {
      this.#rests.delete(one.id);
      if (this.#load(one) > 0) return;
      this.#apart(one, "a replica did not stop", () => engine.stop(one.id, settings.stop_seconds));
    };
    this.#rests.set(one.id, startTimer(stop, settings.inference.idle_seconds * 1_000).unref());
  }

  /** Nobody waits for it, and the replica is asked nothing meanwhile. */
  #apart({ id }: Replica, failed: string, work: () => Promise<void>): void {
    this.#aside.add(id);
    void work()
      .catch((error: unknown) => this.#log.warn({ container: id, error }, failed))
      .finally(() => this.#aside.delete(id));
  }
}
