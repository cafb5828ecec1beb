import type { Readable } from "node:stream";

/** The domains in which things become real. One driver serves one domain. */
export type Domain = "servers" | "notebooks" | "databases" | "inference";

/** Who makes a call into the world. A driver refuses a fence lower than the highest it has seen for the thing. */
export interface Stamp {
  tenant: string;
  /** The resource's kind. */
  kind: string;
  resourceId: string;
  incarnation: string;
  /** The same call again, after a crash, comes under the same operation and a higher fence. */
  operationId: string;
  fence: number;
}

/** What the world says of one thing. */
export type Look<Facts> =
  | { is: "absent" }
  /**
   * Under way; `again` is how many ms it is worth waiting before the next look, `endsBy` what ends it if time does not.
   * `pushed`: it goes on only when it is called for again, before that look.
   */
  | { is: "making" | "changing" | "unmaking"; again: number; endsBy?: string; pushed?: boolean }
  | { is: "ready"; facts: Facts }
  | { is: "broken"; reason: string; owner: string; hint: string };

/** The world will not do this: `owner` can change that, as `hint` says. Without `forGood` the same call may pass later. */
export class Refusal extends Error {
  readonly owner: string;
  readonly hint: string;
  readonly forGood: boolean;

  constructor(reason: string, options: { owner: string; hint: string; forGood?: boolean }) {
    super(reason);
    this.name = "Refusal";
    this.owner = options.owner;
    this.hint = options.hint;
    this.forGood = options.forGood ?? false;
  }
}

export interface Marked {
  ref: string;
  type: string;
}

/**
 * One domain of the world. `ref` is chosen by the caller before the call, so that whatever a lost answer left behind is
 * found again. Each call is safe to repeat; an unfinished one shows in `look`. Any error but a Refusal may pass by itself.
 */
export interface Host<Things extends Record<string, { spec: object; facts: object }>> {
  make<T extends keyof Things & string>(type: T, ref: string, spec: Things[T]["spec"], stamp: Stamp): Promise<void>;
  /** Changes a made thing to `spec`. */
  change<T extends keyof Things & string>(
    type: T,
    ref: string,
    spec: Partial<Things[T]["spec"]>,
    stamp: Stamp,
  ): Promise<void>;
  unmake(type: keyof Things & string, ref: string, stamp: Stamp): Promise<void>;
  look<T extends keyof Things & string>(type: T, ref: string): Promise<Look<Things[T]["facts"]>>;
  /** Everything in the world that carries Ebb's mark. */
  marked(): Promise<Marked[]>;
}

/** What a machine says of itself and its parts; what it does not say is left out. */
export interface MachineParts {
  made: { manufacturer?: string; model?: string; serialNumber?: string };
  processors: {
    name: string;
    manufacturer?: string;
    model?: string;
    cores?: number;
    threads?: number;
    maxSpeedMhz?: number;
    health?: string;
    state?: string;
  }[];
  memory: {
    name: string;
    manufacturer?: string;
    type?: string;
    capacityMib?: number;
    speedMhz?: number;
    serialNumber?: string;
    partNumber?: string;
    health?: string;
    state?: string;
  }[];
  storage: { name: string; health?: string; state?: string; drives: string[] }[];
  fans: {
    name: string;
    model?: string;
    partNumber?: string;
    reading?: number;
    readingUnits?: string;
    health?: string;
    state?: string;
  }[];
  powers: {
    name: string;
    manufacturer?: string;
    model?: string;
    type?: string;
    capacityWatts?: number;
    inputVoltage?: number;
    serialNumber?: string;
    partNumber?: string;
    firmwareVersion?: string;
    health?: string;
    state?: string;
  }[];
}

export type ServerThings = {
  /** A physical server. Its ref is the server's id; it is there before Ebb is, and stays. */
  machine: { spec: { power: "on" | "off" | "rebooted" }; facts: { power: "on" | "off" } };
  /** An operating system deployed on a server. */
  os: {
    spec: { server: string; image: string; addresses: string[]; hostname: string };
    facts: { addresses: string[] };
  };
  /**
   * What a system may have written on its server's disks. They count as written from before it is installed, and are unmade
   * by being wiped: a system that is gone and disks that are clean are two facts.
   */
  disks: { spec: { server: string }; facts: object };
  /** What a machine is made of. Its ref is the server's id; nobody makes it. */
  parts: { spec: Record<string, unknown>; facts: MachineParts };
};

export type NotebookThings = {
  /** Storage that dies with its notebook. */
  volume: { spec: { sizeGb: number }; facts: object };
  /** A running notebook server. `flavor` bounds memory and processors. */
  container: {
    spec: { flavor: string; image: string; volume: string | null; mount: string | null };
    facts: { url: string; token: string };
  };
};

export type DatabaseThings = {
  /** The shared storage of a cluster. */
  storage: { spec: { sizeGb: number }; facts: object };
  node: {
    spec: { cluster: string; role: "master" | "slave"; flavor: string; port: number };
    facts: { address: string };
  };
  /** A proxy in front of a cluster. Changing it to `draining` refuses new connections and lets open ones finish. */
  proxy: {
    spec: {
      cluster: string;
      flavor: string;
      nodes: number;
      port: number;
      weights: Record<string, number>;
      /** Nothing is written through it. */
      readonly: boolean;
      draining: boolean;
    };
    facts: { address: string; port: number };
  };
};

export type InferenceThings = {
  /** Compute set aside for an endpoint. */
  reservation: { spec: { flavor: string; min: number; max: number }; facts: object };
  /** A model being served. */
  replicas: {
    /** `model` names it and `path` says where it is; at least `min` always serve, and at most `max` when there is much to do. */
    spec: { flavor: string; model: string; path: string; min: number; max: number };
    facts: object;
  };
  /** One run of a job. Made, it stands ready; changed to `going` it works, and that change is over when the run has ended. */
  run: {
    spec: { flavor: string; entry: string; going: boolean };
    facts: { ended: "succeeded" | "failed" | null };
  };
};

export type ServerHost = Host<ServerThings>;
export type NotebookHost = Host<NotebookThings>;
export type DatabaseHost = Host<DatabaseThings>;

/** What a served model is asked, in the words of OpenAI's API. */
export interface Question {
  path: "/v1/chat/completions" | "/v1/embeddings";
  body: Readonly<Record<string, unknown>>;
  /** When aborted, the model is told to stop. */
  signal?: AbortSignal | undefined;
}

/** What a model answers, while it does. Whoever stops reading destroys `body`. */
export interface ModelAnswer {
  status: number;
  contentType: string;
  body: Readable;
}

export interface InferenceHost extends Host<InferenceThings> {
  /**
   * Puts a question to one of the replicas under `ref`.
   * @throws Refusal when none answers; for good where nothing real is served
   */
  ask(ref: string, question: Question): Promise<ModelAnswer>;
}

interface Hosts {
  servers: ServerHost;
  notebooks: NotebookHost;
  databases: DatabaseHost;
  inference: Host<InferenceThings>;
}

/** A port a domain. */
export interface Drivers extends Hosts {
  inference: InferenceHost;
}

export type ThingsOf<D extends Domain> = Hosts[D] extends Host<infer Things> ? Things : never;
