/** What only files need. The panel's own parts say where each of these stands. */

import { File } from "./file";
import styles from "./files.css?inline";
import { Uploads } from "./uploads";

export { styles };
export const parts = { File, Uploads };
