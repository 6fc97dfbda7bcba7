// What the chat panel loads in this language: one file, because each costs a request and squeezes by itself.

import bots from "./bots";
import common from "./common";
import panel from "./panel";

export default { ...common, ...panel, ...bots };
