/** Everything that can be done, by name: one file, for its list of what there is. */
export { GoTo } from "./go-to";
export { Palette } from "./palette";
