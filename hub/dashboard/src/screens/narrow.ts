/** What comes when somebody narrows a list or keeps it as a view: one file with its words, so that the first load is small. */
export { FilterChips, FilterFields } from "./filters";
export { ViewForm } from "./overlays/view";
export { ViewList } from "./views";
