/** What there is once somebody has written. The panel's own parts say where each of these stands. */

import { loadCaseWords } from "@switchboard/ui/i18n/cases";

import { Menu } from "./menu";
import { Rating } from "./rating";
import styles from "./talk.css?inline";

export { loadCaseWords as words, styles };
export const parts = { Menu, Rating };
