/** A number at a provider that speaks Twilio's dialect, and a Telegram bot: a key, and little else. */
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import type { SettingsOf } from "./draft";
import { type KindProps, More, SecretField, VERBATIM } from "./fields";

export function SmsFields({ of, secrets, change }: KindProps<SettingsOf<"sms">>) {
  return (
    <>
      <TextField
        {...VERBATIM}
        label={t("inbox.number")}
        help={t("inbox.numberHelp")}
        placeholder="+31612345678"
        required
        value={of.from}
        onInput={(event) => change({ ...of, from: event.currentTarget.value.trim() })}
      />
      <TextField
        {...VERBATIM}
        label={t("inbox.accountSid")}
        help={t("inbox.accountSidHelp")}
        required
        value={of.account_sid}
        onInput={(event) => change({ ...of, account_sid: event.currentTarget.value.trim() })}
      />
      <SecretField name="auth_token" label={t("inbox.authToken")} secrets={secrets} />
      <More>
        <BaseUrl
          help={t("inbox.smsBaseUrlHelp")}
          value={of.base_url}
          change={(base_url) => change({ ...of, base_url })}
        />
      </More>
    </>
  );
}

const MODES = ["polling", "webhook"] as const;

export function TelegramFields({ of, secrets, change }: KindProps<SettingsOf<"telegram">>) {
  return (
    <>
      <SecretField name="token" label={t("inbox.botToken")} help={t("inbox.botTokenHelp")} secrets={secrets} />
      <Select
        label={t("inbox.telegramMode")}
        help={t(`inbox.telegramModeHelp.${of.mode}`)}
        value={of.mode}
        options={MODES.map((value) => ({ value, label: t(`inbox.telegramMode.${value}`) }))}
        onChange={(event) => change({ ...of, mode: event.currentTarget.value as (typeof MODES)[number] })}
      />
      <More>
        <BaseUrl
          help={t("inbox.telegramBaseUrlHelp")}
          value={of.base_url}
          change={(base_url) => change({ ...of, base_url })}
        />
      </More>
    </>
  );
}

interface BaseUrlProps {
  readonly help: string;
  readonly value: string | undefined;
  change(url: string): void;
}

function BaseUrl({ help, value = "", change }: BaseUrlProps) {
  return (
    <TextField
      {...VERBATIM}
      type="url"
      label={t("inbox.baseUrl")}
      help={help}
      value={value}
      onInput={(event) => change(event.currentTarget.value.trim())}
    />
  );
}
