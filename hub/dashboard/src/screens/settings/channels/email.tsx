/** A mailbox: where its mails are read, through whom they go out. */
import type { MailServer } from "@switchboard/protocol";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import type { ComponentChildren } from "preact";
import { AcknowledgementFields } from "./acknowledgement";
import { type MailPart, newServer, type SettingsOf, withAddress, withSecurity } from "./draft";
import { asIs, Group, type KindProps, Lines, More, Optional, PortField, SecretField, VERBATIM } from "./fields";

type Email = SettingsOf<"email">;

const SECURITIES = ["tls", "starttls", "none"] as const;
const LOGINS = ["password", "xoauth2"] as const;

interface Props extends KindProps<Email> {
  /** A case number as this inbox has them. */
  readonly sample: string;
}

export function EmailFields({ of, secrets, change, sample }: Props) {
  const turn = (part: MailPart, on: boolean): void => {
    const { [part]: _off, ...rest } = of;
    change(on ? { ...of, [part]: newServer(part, of.address) } : rest);
  };
  return (
    <>
      <TextField
        {...VERBATIM}
        type="email"
        label={t("inbox.address")}
        help={t("inbox.addressHelp")}
        placeholder="help@shop.example"
        required
        value={of.address}
        onInput={(event) => change(withAddress(of, event.currentTarget.value))}
      />
      <Group title={t("inbox.incoming")}>
        <Optional
          label={t("inbox.imap")}
          {...(of.imap ? {} : { help: t("inbox.imapOff") })}
          on={of.imap !== undefined}
          turn={(on) => turn("imap", on)}
        >
          {of.imap && (
            <Server part="imap" of={of.imap} change={(imap) => change({ ...of, imap })}>
              <SecretField name="imap_password" label={passwordLabel(of.imap)} secrets={secrets} />
            </Server>
          )}
        </Optional>
      </Group>
      <Group title={t("inbox.outgoing")}>
        <Optional
          label={t("inbox.smtp")}
          {...(of.smtp ? {} : { help: t("inbox.smtpOff") })}
          on={of.smtp !== undefined}
          turn={(on) => turn("smtp", on)}
        >
          {of.smtp && (
            <Server part="smtp" of={of.smtp} change={(smtp) => change({ ...of, smtp })}>
              <SecretField
                name="smtp_password"
                label={passwordLabel(of.smtp)}
                secrets={secrets}
                optional={(of.smtp.username ?? "") === ""}
              />
            </Server>
          )}
        </Optional>
      </Group>
      <Optional
        label={t("inbox.plus")}
        help={t("inbox.plusHelp")}
        on={of.plus_addresses ?? false}
        turn={(plus_addresses) => change({ ...of, plus_addresses })}
      />
      <AcknowledgementFields of={of} sample={sample} change={change} />
      <More>
        {of.imap && (
          <Lines
            label={t("inbox.folders")}
            help={t("inbox.foldersHelp")}
            value={of.folders ?? []}
            write={asIs}
            read={asIs}
            change={(folders) => change({ ...of, folders })}
          />
        )}
        {of.imap && (
          <TextField
            type="date"
            label={t("inbox.importSince")}
            help={t("inbox.importSinceHelp")}
            value={of.import_since ?? ""}
            onInput={(event) => change({ ...of, import_since: event.currentTarget.value })}
          />
        )}
        <SecretField
          name="push_secret"
          label={t("inbox.pushSecret")}
          help={t("inbox.pushSecretHelp")}
          secrets={secrets}
          optional
        />
      </More>
    </>
  );
}

function passwordLabel({ auth }: MailServer): string {
  return t(auth === "xoauth2" ? "inbox.oauthToken" : "inbox.password");
}

interface ServerProps {
  readonly part: MailPart;
  readonly of: MailServer;
  change(next: MailServer): void;
  readonly children: ComponentChildren;
}

function Server({ part, of, change, children }: ServerProps) {
  return (
    <>
      <div class="dk-server">
        <TextField
          {...VERBATIM}
          label={t("inbox.host")}
          placeholder={`${part}.shop.example`}
          required
          value={of.host}
          onInput={(event) => change({ ...of, host: event.currentTarget.value.trim() })}
        />
        <PortField value={of.port} change={(port) => change({ ...of, port })} />
        <Select
          label={t("inbox.security")}
          value={of.security}
          options={SECURITIES.map((value) => ({ value, label: t(`inbox.security.${value}`) }))}
          onChange={(event) => change(withSecurity(part, of, event.currentTarget.value as MailServer["security"]))}
        />
      </div>
      <div class="dk-two">
        <TextField
          {...VERBATIM}
          label={t("inbox.username")}
          required={part === "imap"}
          value={of.username ?? ""}
          onInput={(event) => change({ ...of, username: event.currentTarget.value })}
        />
        <Select
          label={t("inbox.login")}
          value={of.auth ?? "password"}
          options={LOGINS.map((value) => ({ value, label: t(`inbox.login.${value}`) }))}
          onChange={(event) => change({ ...of, auth: event.currentTarget.value as (typeof LOGINS)[number] })}
        />
      </div>
      {children}
    </>
  );
}
