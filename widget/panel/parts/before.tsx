/** Places for what there may be before the first message: what is asked then, and when an inbox that is closed opens. */

import { later } from "./later";

export const { parts, Place: Before } = later(() => import("../before/before"), true);
