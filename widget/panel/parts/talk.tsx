/** Places for what there is once somebody has written: their case number, the sound, and how they found it. */

import { later } from "./later";

export const { parts, Place: Talk } = later(() => import("../talk/talk"), true);
