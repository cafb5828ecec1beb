import type { Readable } from "node:stream";
import Docker from "dockerode";
import { Refusal } from "../port.ts";
import { Images } from "./images.ts";
import { isOurs, type Labels } from "./labels.ts";
import { notOurs, statusOf, troubleOf } from "./trouble.ts";

export type Container = Docker.ContainerInspectInfo;
export type NewContainer = Docker.ContainerCreateOptions & { name: string; Image: string; Labels: Labels };

/** How long one answer of the engine is waited for (real ms); a stop takes its own deadline more. */
const ANSWER_MS = 60_000;

/** How many lines of a container's log say why it ended. */
const LINES = 40;

const GONE = 404;
/** A name that is taken, a removal that goes on, something in use. */
const CONFLICT = 409;
const ALREADY = 304;
const NO_LOG = [500, 501];

/** The Docker Engine API, as far as Ebb asks for it. Every call is safe to repeat. */
export class Engine {
  readonly #docker: Docker;
  readonly #socket: string;
  readonly #images: Images;

  constructor(socket: string) {
    this.#socket = socket;
    this.#docker = new Docker({ socketPath: socket, timeout: ANSWER_MS });
    this.#images = new Images(this.#docker);
  }

  /** The engine's own name and version, and the names of its networks. */
  async about(): Promise<{ version: string; networks: string[] }> {
    const { Version, ApiVersion, Components } = await this.#must(this.#docker.version());
    const networks = await this.#must(this.#docker.listNetworks());
    const name = Components?.some((one) => one.Name.startsWith("Podman")) ? "Podman" : "Docker";
    return { version: `${name} ${Version}, API ${ApiVersion}`, networks: networks.map((one) => one.Name) };
  }

  async hasImage(image: string): Promise<boolean> {
    return this.#must(this.#images.isThere(image));
  }

  /** Undefined when there is none of this name or id. */
  async container(name: string): Promise<Container | undefined> {
    return this.#ask(this.#docker.getContainer(name).inspect(), GONE);
  }

  /** @throws Refusal when somebody else's container has the name */
  async createContainer(options: NewContainer, mark: string, ref: string): Promise<Container> {
    const there = await this.container(options.name);
    if (!there) {
      await this.#must(this.#images.there(options.Image));
      await this.#ask(this.#docker.createContainer(options), CONFLICT);
    }
    const made = there ?? (await this.container(options.name));
    if (!made) throw new Error(`${options.name} was created and is not there`);
    if (!isOurs(made.Config.Labels, mark, ref)) throw notOurs("container", options.name);
    return made;
  }

  async start(id: string): Promise<void> {
    await this.#ask(this.#docker.getContainer(id).start(), ALREADY);
  }

  /** A signal, and when it does not end within its time, a kill. */
  async stop(id: string, seconds: number): Promise<void> {
    await this.#ask(this.#docker.getContainer(id).stop({ t: seconds }), ALREADY, GONE);
  }

  async signal(id: string, name: string): Promise<void> {
    await this.#ask(this.#docker.getContainer(id).kill({ signal: name }), GONE, CONFLICT);
  }

  /** Whether a file is in a container, which need not run. */
  async hasFile(id: string, path: string): Promise<boolean> {
    const head: Readable | undefined = await this.#ask(this.#docker.getContainer(id).infoArchive({ path }), GONE);
    // An answer without a body; unread, it keeps its connection.
    head?.resume();
    return head !== undefined;
  }

  /** The end of what a container has printed; nothing where the engine keeps no log that can be read. */
  async lastWords(id: string): Promise<string> {
    const options = { stdout: true, stderr: true, tail: LINES, follow: false as const };
    return String((await this.#ask(this.#docker.getContainer(id).logs(options), GONE, ...NO_LOG)) ?? "");
  }

  /** Takes its anonymous volumes with it. */
  async removeContainer(id: string): Promise<void> {
    await this.#ask(this.#docker.getContainer(id).remove({ force: true, v: true }), GONE, CONFLICT);
  }

  /** Runs a command in a container to its end. */
  async execute(id: string, command: string[], env: string[]): Promise<{ code: number | null; output: string }> {
    const container = this.#docker.getContainer(id);
    const exec = await this.#must(
      container.exec({ Cmd: command, Env: env, AttachStdout: true, AttachStderr: false, Tty: true }),
    );
    const stream = await this.#must(exec.start({ Tty: true }));
    let output = "";
    for await (const part of stream) output += String(part);
    const { ExitCode } = await this.#must(exec.inspect());
    return { code: ExitCode, output };
  }

  async volume(name: string): Promise<Docker.VolumeInspectInfo | undefined> {
    return this.#ask(this.#docker.getVolume(name).inspect(), GONE);
  }

  async createVolume(name: string, labels: Labels, mark: string, ref: string): Promise<void> {
    const there = (await this.volume(name)) ?? (await this.#createVolume(name, labels));
    if (!isOurs(there.Labels, mark, ref)) throw notOurs("volume", name);
  }

  async #createVolume(name: string, labels: Labels): Promise<Docker.VolumeInspectInfo> {
    await this.#must(this.#docker.createVolume({ Name: name, Labels: labels }));
    const made = await this.volume(name);
    if (!made) throw new Error(`${name} was created and is not there`);
    return made;
  }

  /** @throws Refusal when a container uses it */
  async removeVolume(name: string): Promise<void> {
    try {
      await this.#docker.getVolume(name).remove();
    } catch (error) {
      if (statusOf(error) === GONE) return;
      if (statusOf(error) === CONFLICT) throw inUse("volume", name, await this.list({ volume: [name] }));
      throw troubleOf(error, this.#socket);
    }
  }

  async network(name: string): Promise<Docker.NetworkInspectInfo | undefined> {
    return this.#ask(this.#docker.getNetwork(name).inspect(), GONE);
  }

  async createNetwork(name: string, labels: Labels, mark: string, ref: string): Promise<void> {
    if (!(await this.network(name)))
      await this.#ask(
        this.#docker.createNetwork({ Name: name, Labels: labels, Driver: "bridge", CheckDuplicate: true }),
        CONFLICT,
      );
    if (!isOurs((await this.network(name))?.Labels, mark, ref)) throw notOurs("network", name);
  }

  /** @throws Refusal when a container is in it */
  async removeNetwork(name: string): Promise<void> {
    try {
      await this.#docker.getNetwork(name).remove();
    } catch (error) {
      if (statusOf(error) === GONE) return;
      const users = await this.list({ network: [name] });
      if (users.length > 0) throw inUse("network", name, users);
      throw troubleOf(error, this.#socket);
    }
  }

  /** Containers that fit the filters, stopped ones too. */
  async list(filters: Record<string, string[]>): Promise<Docker.ContainerInfo[]> {
    return this.#must(this.#docker.listContainers({ all: true, filters }));
  }

  async listVolumes(label: string[]): Promise<Docker.VolumeInspectInfo[]> {
    return (await this.#must(this.#docker.listVolumes({ filters: { label } }))).Volumes ?? [];
  }

  async listNetworks(label: string[]): Promise<Docker.NetworkInspectInfo[]> {
    return this.#must(this.#docker.listNetworks({ filters: { label } }));
  }

  async #must<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw troubleOf(error, this.#socket);
    }
  }

  /** Undefined for the statuses that say that there is nothing to do. */
  async #ask<T>(call: Promise<T>, ...fine: number[]): Promise<T | undefined> {
    const orNothing = call.catch((error: unknown) => {
      const status = statusOf(error);
      if (status === undefined || !fine.includes(status)) throw error;
      return undefined;
    });
    return this.#must(orNothing);
  }
}

function inUse(what: string, name: string, users: readonly Docker.ContainerInfo[]): Refusal {
  const names = users.map((one) => one.Names[0]?.slice(1) ?? one.Id);
  return new Refusal(`the ${what} ${name} is in use by ${names.join(", ") || "something"}`, {
    owner: "whoever runs the container",
    hint: `docker rm -f ${names.join(" ") || "(what uses it)"}`,
  });
}
