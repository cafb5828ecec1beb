import type { Fences } from "../fences.ts";
import type { Domain, Host, Look, Marked, Stamp } from "../port.ts";
import type { Engine } from "./engine.ts";
import { filterOf, type Labels, labelsOf, markedBy, nameOf } from "./labels.ts";
import type { ContainersSettings } from "./settings.ts";

/** What every thing is made with. */
export interface Yard {
  engine: Engine;
  settings: ContainersSettings;
}

/** One call for one thing. */
export interface Call {
  ref: string;
  /** Of the container, volume or network that stands for it. */
  name: string;
  stamp: Stamp;
  labels(more?: Labels): Labels;
  /** Asks again, in the middle of a call, whether a younger owner has come. */
  pass(): Promise<void>;
}

/** One type of thing: what the port asks for, once the fence has let the call through. */
export interface Thing<Spec, Facts> {
  make(call: Call, spec: Spec): Promise<void>;
  change?(call: Call, spec: Partial<Spec>): Promise<void>;
  unmake(call: Call): Promise<void>;
  look(ref: string): Promise<Look<Facts>>;
}

export type Things<All extends Record<string, { spec: object; facts: object }>> = {
  [T in keyof All]: Thing<All[T]["spec"], All[T]["facts"]>;
};

type AnyThing = Thing<object, object>;

/** One domain, in containers. It keeps nothing of its own: what there is, the engine says. */
export class ContainerHost implements Host<Record<string, { spec: object; facts: object }>> {
  readonly #domain: Domain;
  readonly #yard: Yard;
  readonly #fences: Fences;
  readonly #things: Readonly<Record<string, AnyThing>>;

  constructor(domain: Domain, yard: Yard, fences: Fences, things: Readonly<Record<string, AnyThing>>) {
    this.#domain = domain;
    this.#yard = yard;
    this.#fences = fences;
    this.#things = things;
  }

  async make(type: string, ref: string, spec: object, stamp: Stamp): Promise<void> {
    await this.#fences.pass(ref, stamp);
    await this.#thing(type).make(this.#call(type, ref, stamp), spec);
  }

  async change(type: string, ref: string, spec: object, stamp: Stamp): Promise<void> {
    await this.#fences.pass(ref, stamp);
    await this.#thing(type).change?.(this.#call(type, ref, stamp), spec);
  }

  async unmake(type: string, ref: string, stamp: Stamp): Promise<void> {
    await this.#fences.pass(ref, stamp);
    await this.#thing(type).unmake(this.#call(type, ref, stamp));
  }

  async look(type: string, ref: string): Promise<Look<object>> {
    return this.#thing(type).look(ref);
  }

  async marked(): Promise<Marked[]> {
    const { engine, settings } = this.#yard;
    const label = filterOf(settings.mark, this.#domain);
    const all = await Promise.all([engine.list({ label }), engine.listVolumes(label), engine.listNetworks(label)]);
    return markedBy(all.flat().map((one) => one.Labels));
  }

  #call(type: string, ref: string, stamp: Stamp): Call {
    const { mark } = this.#yard.settings;
    const labels = (more?: Labels) => labelsOf({ mark, domain: this.#domain, type, ref }, stamp, more);
    return { ref, name: nameOf(mark, ref), stamp, labels, pass: () => this.#fences.pass(ref, stamp) };
  }

  #thing(type: string): AnyThing {
    const thing = this.#things[type];
    if (!thing) throw new Error(`the containers of ${this.#domain} know no ${type}`);
    return thing;
  }
}
