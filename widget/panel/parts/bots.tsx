/**
 * Places for what only bots need: formatted text, buttons, choices, the way to a person. It comes with the first message of a
 * bot.
 */

import { later } from "./later";

export const { parts, load: loadBots, Place: Bots } = later(() => import("../bots/parts"));
