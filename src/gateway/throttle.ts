import type { Clock } from "../clock.ts";

export interface ThrottleSettings {
  /** Requests that one project may send to one service within the window. */
  requests: number;
  perSeconds: number;
}

/** Windows kept at most; the oldest go first. */
const WINDOWS = 10_000;

/** Counts requests by fixed window. Answers the seconds to wait, or undefined when the request may pass. */
export function createThrottle(settings: ThrottleSettings, clock: Clock): (who: string) => number | undefined {
  const windows = new Map<string, { start: number; count: number }>();
  const length = settings.perSeconds * 1000;
  return (who) => {
    const start = Math.floor(clock.now() / length) * length;
    let window = windows.get(who);
    if (window?.start !== start) {
      window = { start, count: 0 };
      windows.delete(who);
      windows.set(who, window);
      if (windows.size > WINDOWS) windows.delete(windows.keys().next().value ?? who);
    }
    window.count++;
    return window.count <= settings.requests ? undefined : Math.ceil((start + length - clock.now()) / 1000);
  };
}
