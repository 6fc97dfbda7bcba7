/**
 * The wire protocol in TypeScript: the generated types, the one socket client and typed REST calls. Framework-free and
 * small, because the chat panel carries it to every visitor. What the frames mean for a page (lists, threads) is not here.
 *
 * A page takes a snapshot over REST, connects from the snapshot's point, and applies each `event` it hears; after a `reset`
 * it takes a new snapshot and calls `resumeFrom`.
 */

export type { Api, Routes } from "./api.js";
export { api, Refusal } from "./api.js";
export { connect } from "./client.js";
export { browser } from "./environment.js";
export * from "./faces.js";
export * from "./generated.js";
export { type ShelfStorage, webShelf, webStorageOutbox } from "./outbox.js";
