/** The tags of the house and their colours: asked for when one is first shown, and again whenever a colour or name changes. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { TagColour, TagRow } from "@switchboard/protocol";
import type { Tone } from "@switchboard/ui/tag";
import type { Core } from "./core";

export interface TagsOfHouse {
  /** How a tag looks. */
  tone(tag: string): Tone;
  /** All names, as far as they are known; asks for them. */
  names(): Promise<readonly string[]>;
  stale(): void;
}

const TONES: Readonly<Record<TagColour, Tone>> = {
  green: "success",
  amber: "warning",
  red: "danger",
  violet: "bot",
  blue: "accent",
};

export function toneOf(colour: TagColour | undefined): Tone {
  return colour === undefined ? "neutral" : TONES[colour];
}

export function makeTags({ api }: Pick<Core, "api">): TagsOfHouse {
  const coloured = signal<ReadonlyMap<string, Tone>>(new Map());
  const shown: ReadonlySignal<ReadonlyMap<string, Tone>> = coloured;
  let asked = false;
  let latest = 0;

  async function load(): Promise<void> {
    asked = true;
    latest += 1;
    const mine = latest;
    const { tags } = await api("GET /api/tags", { query: { counts: false } });
    if (mine === latest) coloured.value = new Map(tags.map((one: TagRow) => [one.name, toneOf(one.colour)]));
  }

  // Without colours tags are tags all the same; the next change asks again.
  const quietly = (): void => void load().catch(() => (asked = false));

  return {
    tone(tag) {
      if (!asked) quietly();
      return shown.value.get(tag) ?? "neutral";
    },
    names: async () => (await api("GET /api/tags", { query: { counts: false } })).tags.map(({ name }) => name),
    stale: () => {
      if (asked) quietly();
    },
  };
}
