// A face: the picture, or initials on a colour that the person keeps; with the channel's mark and presence at its corners.
//
// The name beside it says who it is, so screen readers pass over it unless `alone`.

import type { Availability, Channel } from "@switchboard/protocol";
import { AtSign, Bot, Code, Globe, type LucideIcon, Mail, MessageSquare, Send, Smartphone } from "lucide-preact";

import { classes } from "../classes";
import { Presence } from "./presence";
import "./avatar.css";

/** Each channel's mark, wherever it stands. */
export const CHANNEL_ICONS: Readonly<Record<Channel, LucideIcon>> = {
  web: Globe,
  email: Mail,
  sms: Smartphone,
  telegram: Send,
  gateway: MessageSquare,
  api: Code,
};

/** Faces without a picture have one of this many colours (tokens.css, --sb-face-N). */
const FACES = 8;

/** The same number for the same id, everywhere (FNV-1a). */
export function faceOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % FACES;
}

/** First letters of the first and last word, whatever the script; of an address, the first letter. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s@._-]+/u)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  const last = name.includes("@") ? undefined : words.at(-1);
  const letters = [first, last === first ? undefined : last].map((word) => Array.from(word ?? "")[0] ?? "");
  return letters.join("").toLocaleUpperCase();
}

/** Digits and what stands between them: of those no letters are made. */
function isNumber(name: string): boolean {
  return /^[+(]?\d[\d\s().-]{4,}$/u.test(name.trim());
}

export interface AvatarProps {
  readonly name: string;
  /** What the colour hangs on; it stays when the name changes. */
  readonly id: string;
  readonly size?: 16 | 20 | 24 | 28 | 32 | 40 | 56;
  readonly picture?: string | undefined;
  readonly bot?: boolean;
  readonly channel?: Channel | undefined;
  /** `null`: not here. Absent: not shown. */
  readonly presence?: Availability | null | undefined;
  /** No name stands beside it. */
  readonly alone?: boolean;
}

export function Avatar({ name, id, size = 32, picture, bot = false, channel, presence, alone = false }: AvatarProps) {
  const Mark = channel && CHANNEL_ICONS[channel];
  // Two letters cannot be read on so small a face.
  const Nameless = isNumber(name) ? Smartphone : AtSign;
  const letters = isNumber(name) ? "" : size <= 20 ? (Array.from(initials(name))[0] ?? "") : initials(name);
  const meaning = alone ? ({ role: "img", "aria-label": name } as const) : ({ "aria-hidden": "true" } as const);
  return (
    <span class={classes("sb-avatar", `sb-avatar--${size}`)} {...meaning}>
      <span
        class={classes("sb-avatar__face", bot && "sb-avatar__face--bot")}
        style={bot ? undefined : { background: `var(--sb-face-${faceOf(id)})` }}
      >
        {picture ? (
          <img src={picture} alt="" loading="lazy" decoding="async" />
        ) : bot ? (
          <Bot size={size / 2} />
        ) : (
          letters || <Nameless size={size / 2} />
        )}
      </span>
      {Mark && (
        <span class={`sb-avatar__mark sb-avatar__mark--${channel}`}>
          <Mark size={10} strokeWidth={2.4} />
        </span>
      )}
      {!Mark && presence !== undefined && (
        <span class="sb-avatar__presence">
          <Presence availability={presence} named={alone} />
        </span>
      )}
    </span>
  );
}
