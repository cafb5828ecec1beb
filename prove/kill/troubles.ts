import { FURNISH, type Made } from "../../test/stories/index.ts";
import type { Script } from "./script.ts";
import type { Tale } from "./tales.ts";

/** A kill, before or after a write that is new, takes a turn; there are a few such writes in one. */
const TURNS = 8;

async function endpoint(script: Script, inside: string, name: string): Promise<Made> {
  const id = await script.make("fabric.endpoint", name, `${inside}/endpoints`, { name, type: "inference" });
  return { id, remove: ["DELETE", `${inside}/endpoints/${id}`] };
}

/** The disk does not take a write of a walk: the operation is set aside, and goes on later. */
const fullDisk: Tale = {
  last: true,
  async tell(script, tag) {
    for (let turn = 1; turn <= TURNS; turn++) {
      script.house.killer.failing = "park ";
      await script.tearDown([(await FURNISH.clouddc(script, `${tag}-${turn}`)).id]);
      await script.settle();
    }
  },
};

/** Comes while the walk of an endpoint's create is under way; that walk goes on after `goOn`. */
function underWay({ house: { killer, house } }: Script): { come: Promise<void>; goOn: () => void } {
  if (house.lifecycle.store.alone) return { come: killer.next("claim fabric.endpoint.create"), goOn: () => {} };
  const { reached, release } = killer.hold("world-make fabric.endpoint.create");
  return { come: reached, goOn: release };
}

/** A delete comes while its thing's create is being walked: that walk has to let go. */
const overtaken: Tale = {
  last: true,
  async tell(script, tag) {
    const { time } = script.house;
    const ws = await script.make("fabric.workspace", `${tag}-ws`, "/v1/workspaces", { name: `${tag}-ws` });
    for (let turn = 1; turn <= TURNS; turn++) {
      const { come, goOn } = underWay(script);
      const made = await endpoint(script, `/v1/workspaces/${ws}`, `${tag}-${turn}`);
      const settled = time.settle();
      await Promise.race([come, settled]);
      await script.remove(made);
      goOn();
      await settled;
      await script.settle();
    }
    await script.remove({ id: ws, remove: ["DELETE", `/v1/workspaces/${ws}`] });
  },
};

const setAlarm = (script: Script, id: string, verb: string): Promise<void> =>
  script.once(`the alarm of ${verb}`, async () => {
    const { lifecycle, clock } = script.house.house;
    await lifecycle.store.write("test", (tx) =>
      tx.run("UPDATE resources SET alarm_at = ?, alarm_verb = ? WHERE id = ?", [clock.now(), verb, id]),
    );
  });

/** An alarm whose verb is not accepted is silenced; one that the disk does not take is put off. */
const alarms: Tale = {
  last: true,
  async tell(script, tag) {
    const one = await FURNISH.modelarts(script, tag);
    await setAlarm(script, one.id, "stop");
    await script.pass(1);
    script.house.killer.failing = "accept modelarts.notebook.start";
    await setAlarm(script, one.id, "start");
    await script.pass(600_000);
    const path = `/v1/${script.project}/demanager/instances/${one.id}`;
    await script.act("stop again", "POST", `${path}/action`, { action: "stop" });
    await script.settle();
    await script.remove(one);
  },
};

export const TROUBLES = { "full-disk": fullDisk, overtaken, alarms };
