/** A gateway that nobody has met: how it is asked to send, and where in its calls what stands. */
import type { GatewayReceive, GatewaySend, GatewayStatus } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { Select, TextArea, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import { exampleGateway, gatewaySecrets, INBOUND, type SettingsOf } from "./draft";
import { asIs, Group, type KindProps, Lines, Optional, SecretField, VERBATIM } from "./fields";

type Gateway = SettingsOf<"gateway">;

const EXAMPLE = exampleGateway("");
const NO_STATUS: GatewayStatus = { id_at: "/id", status_at: "/status", delivered: ["delivered"], failed: ["failed"] };

export function GatewayFields({ of, secrets, change, fill }: KindProps<Gateway> & { fill(next: Gateway): void }) {
  return (
    <>
      <div class="dk-example">
        <p class="dk-muted">{t("inbox.gatewayIntro")}</p>
        <Button size="small" onClick={() => fill(exampleGateway(of.from))}>
          {t("inbox.gatewayExample")}
        </Button>
      </div>
      <Line
        label={t("inbox.gatewayFrom")}
        help={t("inbox.gatewayFromHelp")}
        value={of.from}
        change={(from) => change({ ...of, from })}
        required
      />
      <Sending of={of.send} change={(send) => change({ ...of, send })} />
      <Receiving of={of.receive} change={(receive) => change({ ...of, receive })} />
      <Group title={t("inbox.secrets")} help={t("inbox.secretsHelp", { template: "{{ secret.key }}" })}>
        {gatewaySecrets(of).map((name) => (
          <SecretField
            key={name}
            name={name}
            label={name === INBOUND ? t("inbox.inbound") : name}
            {...(name === INBOUND ? { help: t("inbox.inboundHelp") } : {})}
            secrets={secrets}
          />
        ))}
      </Group>
      <Reports
        of={of.status}
        change={(status) => {
          const { status: _off, ...rest } = of;
          change(status ? { ...of, status } : rest);
        }}
      />
      <Checkbox label={t("inbox.countsSms")} checked={of.sms ?? false} onChange={(sms) => change({ ...of, sms })} />
    </>
  );
}

function Sending({ of, change }: { readonly of: GatewaySend; change(next: GatewaySend): void }) {
  return (
    <Group title={t("inbox.gatewaySend")} help={t("inbox.templates", { names: TEMPLATE_NAMES })}>
      <div class="dk-request">
        <Select
          label={t("inbox.method")}
          value={of.method}
          options={["POST", "GET"].map((value) => ({ value, label: value }))}
          onChange={(event) => change({ ...of, method: event.currentTarget.value })}
        />
        <Line
          label={t("inbox.url")}
          placeholder={EXAMPLE.send.url}
          value={of.url}
          change={(url) => change({ ...of, url })}
          required
        />
      </div>
      <Lines<[string, string]>
        label={t("inbox.headers")}
        help={t("inbox.headersHelp")}
        placeholder="Authorization: Bearer {{ secret.key }}"
        value={of.headers ?? []}
        write={([name, value]) => `${name}: ${value}`}
        read={headerOf}
        change={(headers) => change({ ...of, headers })}
      />
      <TextArea
        {...VERBATIM}
        class="dk-mono"
        rows={3}
        label={t("inbox.body")}
        help={t("inbox.bodyHelp")}
        placeholder={EXAMPLE.send.body}
        value={of.body ?? ""}
        onInput={(event) => change({ ...of, body: event.currentTarget.value })}
      />
      <Line
        label={t("inbox.sentIdAt")}
        help={t("inbox.sentIdAtHelp")}
        placeholder="/id"
        value={of.id_at ?? ""}
        change={(id_at) => change({ ...of, id_at })}
      />
    </Group>
  );
}

const TEMPLATE_NAMES = "to, from, text, id, status_url, secret";

function headerOf(line: string): [string, string] {
  const [name = "", ...value] = line.split(":");
  return [name.trim(), value.join(":").trim()];
}

function Receiving({ of, change }: { readonly of: GatewayReceive; change(next: GatewayReceive): void }) {
  return (
    <Group title={t("inbox.gatewayReceive")} help={t("inbox.places")}>
      <div class="dk-two">
        {(["id_at", "from_at", "text_at"] as const).map((place) => (
          <Line
            key={place}
            label={t(`inbox.${place}`)}
            placeholder={EXAMPLE.receive[place]}
            value={of[place]}
            change={(value) => change({ ...of, [place]: value })}
            required
          />
        ))}
        <Line
          label={t("inbox.secretHeader")}
          help={t("inbox.secretHeaderHelp")}
          placeholder="X-Secret"
          value={of.secret_header ?? ""}
          change={(secret_header) => change({ ...of, secret_header })}
        />
      </div>
    </Group>
  );
}

interface ReportsProps {
  readonly of: GatewayStatus | undefined;
  change(next: GatewayStatus | undefined): void;
}

function Reports({ of, change }: ReportsProps) {
  return (
    <Optional
      label={t("inbox.reports")}
      help={t("inbox.reportsHelp")}
      on={of !== undefined}
      turn={(on) => change(on ? NO_STATUS : undefined)}
    >
      {of && (
        <div class="dk-two">
          {(["id_at", "status_at"] as const).map((place) => (
            <Line
              key={place}
              label={t(`inbox.${place}`)}
              value={of[place]}
              change={(value) => change({ ...of, [place]: value })}
              required
            />
          ))}
          {(["delivered", "failed"] as const).map((words) => (
            <Lines
              key={words}
              label={t(`inbox.words.${words}`)}
              value={of[words]}
              write={asIs}
              read={asIs}
              change={(value) => change({ ...of, [words]: value })}
            />
          ))}
        </div>
      )}
    </Optional>
  );
}

interface LineProps {
  readonly label: string;
  readonly help?: string;
  readonly placeholder?: string;
  readonly value: string;
  readonly required?: boolean;
  change(value: string): void;
}

function Line({ label, help, placeholder, value, required = false, change }: LineProps) {
  return (
    <TextField
      {...VERBATIM}
      label={label}
      help={help}
      placeholder={placeholder}
      value={value}
      required={required}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}
