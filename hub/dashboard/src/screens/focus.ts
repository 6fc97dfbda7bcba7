/** Where keys may put the focus: the reply bar says here how it is reached. */
import { signal } from "@preact/signals";
import type { ComposerMode } from "@switchboard/ui/composer";

export const focusComposer: { current: ((mode: ComposerMode) => void) | null } = { current: null };
export const composerMode = signal<ComposerMode>("reply");
