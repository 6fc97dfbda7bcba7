/** What one opens seldom, or by the mouse: one file, loaded with the first of them. */
export { Account } from "./account";
export { DeleteForever } from "./delete-forever";
export { Help } from "./help";
export { MergeWith } from "./merge";
export { MergeCase } from "./merge-case";
export { Source } from "./source";
export { Start } from "./start";
