/** What whoever begins a conversation by mail is told at once: the words, and how the mail will look. */
import type { Acknowledgement } from "@switchboard/protocol";
import { TextArea, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import type { SettingsOf } from "./draft";
import { Optional } from "./fields";

/** What stands for the case number, as the hub reads it. */
const CASE_NUMBER = "{case_number}";
/** Longest texts that the hub takes, characters. */
const SUBJECT_CHARS = 150;
const TEXT_CHARS = 5_000;

type Email = SettingsOf<"email">;

interface Props {
  readonly of: Email;
  /** A case number as this inbox has them. */
  readonly sample: string;
  change(next: Email): void;
}

export function AcknowledgementFields({ of, sample, change }: Props) {
  const { acknowledgement: words, ...without } = of;
  // It goes out as a mail: without a server for that there is nothing to switch on.
  if (!of.smtp && !words) return null;
  const put = (part: Partial<Acknowledgement>): void => {
    if (words) change({ ...of, acknowledgement: { ...words, ...part } });
  };
  return (
    <Optional
      label={t("inbox.acknowledge")}
      help={t("inbox.acknowledgeHelp")}
      on={words !== undefined}
      turn={(on) => change(on ? { ...of, acknowledgement: begun() } : without)}
    >
      {words && (
        <>
          <TextField
            label={t("inbox.acknowledgeSubject")}
            required
            maxLength={SUBJECT_CHARS}
            value={words.subject}
            onInput={(event) => put({ subject: event.currentTarget.value })}
          />
          <TextArea
            label={t("inbox.acknowledgeText")}
            help={t("inbox.acknowledgeTextHelp", { mark: CASE_NUMBER })}
            required
            rows={5}
            maxLength={TEXT_CHARS}
            value={words.text}
            onInput={(event) => put({ text: event.currentTarget.value })}
          />
          <Preview words={words} from={of.address} sample={sample} />
        </>
      )}
    </Optional>
  );
}

/** In the language of who sets it up: they know their customers'. */
function begun(): Acknowledgement {
  return {
    subject: t("inbox.acknowledgeSubjectBegun"),
    text: t("inbox.acknowledgeTextBegun", { number: CASE_NUMBER }),
  };
}

function Preview({ words, from, sample }: { words: Acknowledgement; from: string; sample: string }) {
  const filled = (text: string): string => text.replaceAll(CASE_NUMBER, sample);
  const subject = words.subject.includes(CASE_NUMBER) ? filled(words.subject) : `${words.subject} [${sample}]`;
  return (
    <figure class="dk-acknowledgement" aria-label={t("inbox.acknowledgePreview")}>
      <figcaption class="dk-muted">{t("inbox.acknowledgePreview")}</figcaption>
      <p class="dk-muted">
        <bdi>{from}</bdi>
      </p>
      <strong dir="auto">{subject.trim()}</strong>
      <p class="dk-acknowledgement__text" dir="auto">
        {filled(words.text)}
      </p>
    </figure>
  );
}
