/** How much of a text the channel still takes: in SMS where it is cut into them, else from when it becomes little. */
import type { ChannelCapabilities } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { charsIn } from "../../desk/carries";
import { foreignSign, segments } from "../../desk/segments";

/** The room is told from this part of it on. */
const LITTLE = 0.8;

interface RoomProps {
  readonly text: string;
  readonly carries: ChannelCapabilities;
  /** Files that go along. */
  readonly files: number;
  /** They cannot go: how they would go is not said. */
  readonly stuck: boolean;
}

export function Room({ text, carries, files, stuck }: RoomProps) {
  const left = carries.text_chars - charsIn(text);
  if (left < 0) return <strong class="dk-reply__over">{t("reply.tooLong", { n: -left })}</strong>;
  // With files it is one message of another kind, which is not cut.
  if (carries.segments && files > 0) return stuck ? null : <span>{t("reply.mms")}</span>;
  if (carries.segments && text !== "") return <Segments text={text} />;
  return left > carries.text_chars * (1 - LITTLE) ? null : <span>{t("reply.charsLeft", { n: left })}</span>;
}

function Segments({ text }: { readonly text: string }) {
  const { encoding, count, left } = segments(text);
  const why = encoding === "gsm7" ? t("reply.gsm7") : t("reply.ucs2", { sign: foreignSign(text) });
  return (
    <span class="dk-reply__segments" title={why}>
      {t("reply.segments", { n: count, left })}
      <span class="sb-unseen">{why}</span>
      {encoding === "ucs2" && (
        <span class="dk-reply__ucs2" aria-hidden="true">
          UCS-2
        </span>
      )}
    </span>
  );
}
