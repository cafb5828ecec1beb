import type { Session } from "../../src/store/index.ts";

/** A thing that was made, and the call that deletes it. */
export interface Made {
  id: string;
  remove: readonly [method: string, path: string, body?: object];
}

/** Who tells a story: it sends what a client would send, and knows how to go on when something has gone wrong. */
export interface Teller {
  /** The id of the client's project. */
  readonly project: string;
  /** Creates a thing under a name that nothing else of its kind bears; answers its id. */
  make(kind: string, name: string, path: string, body: object): Promise<string>;
  /** Starts something with what is made. `name` tells it from the other things that the story starts. */
  act(name: string, method: string, path: string, body?: object): Promise<void>;
  /** The same for what may come too late: it is refused then. */
  perhaps(name: string, method: string, path: string, body?: object): Promise<void>;
  /** Starts deleting a thing, and asks for the same again. */
  remove(made: Made): Promise<void>;
  /** Waits until nothing runs, however much virtual time that takes. */
  settle(): Promise<void>;
  /** Lets virtual time pass, with all that falls due in it. */
  pass(ms: number): Promise<void>;
  /** Lets some time pass, up to `most`: enough for something to be under way. */
  moment(most: number): Promise<void>;
  /** The id of the thing of this kind and name, whether or not it is still there. */
  find(kind: string, name: string): Promise<string | undefined>;
  read<T>(ask: (session: Session) => Promise<T>): Promise<T>;
}

/**
 * What a client does to things of some kinds, from their creation to their end: every verb of each runs in it, and at
 * its end it has deleted all that it made. `tag` keeps its names apart from another telling's.
 */
export type Story = (teller: Teller, tag: string) => Promise<void>;
