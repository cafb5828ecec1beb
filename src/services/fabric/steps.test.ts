import { testEverySteps } from "../../../test/every-step.ts";
import * as stories from "../../../test/stories/fabric.ts";
import { fabric } from "./index.ts";

testEverySteps(fabric, stories);
