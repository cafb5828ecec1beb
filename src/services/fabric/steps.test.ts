import { testEverySteps } from "../../../test/every-step.ts";
import { fabric as stories } from "../../../test/stories/index.ts";
import { fabric } from "./index.ts";

testEverySteps(fabric, stories);
