/** Places for files, of messages and of what is being written: they come with the first one. */

import { later } from "./later";

export const { parts, Place: Files } = later(() => import("../files/files"), true);
