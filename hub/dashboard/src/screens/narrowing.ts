/** The way to what `narrow.ts` holds. */
import { loadMoreWords } from "@switchboard/ui/i18n/more";
import { late, lostOver } from "../parts/late";
import { closeOverlay } from "./overlay";

const part = async () => (await Promise.all([import("./narrow"), loadMoreWords()]))[0];

export const FilterFields = late(async () => (await part()).FilterFields);
export const FilterChips = late(async () => (await part()).FilterChips);
export const ViewList = late(async () => (await part()).ViewList);
export const ViewForm = late(async () => (await part()).ViewForm, { lost: lostOver(closeOverlay) });
