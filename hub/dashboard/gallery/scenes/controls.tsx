// What is pressed, filled in, and looked at beside it.

import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { DeliveryMark, type DeliveryState } from "@switchboard/ui/delivery-mark";
import { Select, TextArea, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/dashboard";
import { IconButton } from "@switchboard/ui/icon-button";
import { Kbd } from "@switchboard/ui/kbd";
import { Presence, presenceWord } from "@switchboard/ui/presence";
import { Tag, type Tone } from "@switchboard/ui/tag";
import { AlarmClock, Check, Flag, MoreHorizontal, Reply, Search, Trash2, UserPlus } from "lucide-preact";
import { useState } from "preact/hooks";

import { ANNA, JONAS, MARIE, OMAR, PICTURE, SAMIRA } from "../fixtures";

const nothing = () => {};

export function Buttons() {
  const [pressed, setPressed] = useState(true);
  return (
    <div class="stage">
      <div class="stage__row">
        <Button kind="primary" keys="Mod+Enter">
          {t("action.send")}
        </Button>
        <Button icon={Check} keys="E">
          {t("conversation.close")}
        </Button>
        <Button kind="quiet" icon={AlarmClock}>
          {t("conversation.remind")}
        </Button>
        <Button kind="note">{t("compose.noteSend")}</Button>
        <Button kind="danger" icon={Trash2}>
          {t("action.delete")}
        </Button>
      </div>
      <div class="stage__row">
        <Button kind="primary" disabled>
          {t("action.send")}
        </Button>
        <Button kind="primary" busy>
          {t("action.save")}
        </Button>
        <Button disabled>{t("action.cancel")}</Button>
        <Button size="small">{t("action.retry")}</Button>
        <Button size="small" kind="quiet" icon={UserPlus}>
          {t("assign.me")}
        </Button>
        <Button size="small" kind="primary">
          {t("action.open")}
        </Button>
      </div>
      <div class="stage__row">
        <IconButton icon={Reply} label={t("compose.reply")} keys="R" mirrored />
        <IconButton icon={Flag} label={t("conversation.flag")} pressed={pressed} onClick={() => setPressed(!pressed)} />
        <IconButton icon={MoreHorizontal} label={t("action.more")} />
        <IconButton icon={Trash2} label={t("action.delete")} disabled />
        <IconButton icon={MoreHorizontal} label={t("action.more")} size="small" />
      </div>
    </div>
  );
}

export function Fields() {
  const [checked, setChecked] = useState(true);
  return (
    <div class="stage">
      <div class="stage__columns">
        <TextField label="Name" value="Marie Lefèvre" help="As customers see it" />
        <TextField label="E-mail" type="email" value="marie@" error="This is not an e-mail address yet" />
        <TextField label="Password" type="password" value="correct horse" autocomplete="off" />
        <TextField label={t("action.search")} bare icon={Search} placeholder={t("action.search")} />
        <Select
          label={t("assign.to")}
          value="anna"
          options={[
            { value: "anna", label: ANNA.name },
            { value: "jonas", label: JONAS.name },
          ]}
        />
        <TextField label="Case prefix" value="VELO-" disabled />
        <TextArea label="Greeting" value={"Hello. How can we help?\nWe are in the shop until six."} />
        <div>
          <Checkbox label="Play a sound for new conversations" checked={checked} onChange={setChecked} />
          <br />
          <Checkbox label="Some of them" checked="some" onChange={nothing} />
          <br />
          <Checkbox label="None of them" checked={false} onChange={nothing} />
          <br />
          <Checkbox label="Set by your admin" checked disabled onChange={nothing} />
        </div>
      </div>
    </div>
  );
}

const AVAILABILITIES = ["online", "away", "busy", null] as const;

export function Faces() {
  return (
    <div class="stage">
      <div class="stage__row">
        {([16, 20, 24, 28, 32, 40, 56] as const).map((size) => (
          <Avatar key={size} {...ANNA} size={size} alone />
        ))}
        <Avatar {...MARIE} picture={PICTURE} size={40} alone />
        <Avatar id="bot" name="Order helper" bot size={40} alone />
        <Avatar id="nameless" name="" size={40} />
      </div>
      <div class="stage__row">
        {[
          ANNA,
          JONAS,
          SAMIRA,
          MARIE,
          OMAR,
          { id: "7", name: "李小龙" },
          { id: "c", name: "Tom Okafor" },
          { id: "k", name: "Zoë" },
          { id: "m", name: "Ben Ito" },
        ].map((who) => (
          <Avatar key={who.id} id={who.id} name={who.name} alone />
        ))}
      </div>
      <div class="stage__row">
        {(["web", "email", "sms", "telegram", "gateway", "api"] as const).map((channel) => (
          <Avatar key={channel} {...JONAS} channel={channel} />
        ))}
        {AVAILABILITIES.map((availability) => (
          <Avatar key={availability} {...SAMIRA} presence={availability} />
        ))}
      </div>
      <div class="stage__row">
        {AVAILABILITIES.map((availability) => (
          <span key={availability} class="stage__row" style={{ gap: "6px" }}>
            <Presence availability={availability} named={false} />
            {presenceWord(availability)}
          </span>
        ))}
      </div>
    </div>
  );
}

const TONES: readonly Tone[] = ["neutral", "accent", "customer", "bot", "note", "success", "warning", "danger"];
const DELIVERIES: readonly DeliveryState[] = [
  "sending",
  "waiting",
  "unsent",
  "queued",
  "sent",
  "delivered",
  "read",
  "failed",
  "uncertain",
];

export function Marks() {
  return (
    <div class="stage">
      <div class="stage__row">
        {TONES.map((tone) => (
          <Tag key={tone} tone={tone}>
            {tone}
          </Tag>
        ))}
        <Tag onRemove={nothing}>e-bike</Tag>
        <Tag small>delivery</Tag>
      </div>
      <div class="stage__row">
        <Kbd keys="Mod+K" />
        <Kbd keys="Shift+ArrowDown" />
        <Kbd keys="J" />
      </div>
      <div class="stage__row">
        {DELIVERIES.map((state) => (
          <DeliveryMark key={state} state={state} why={state === "failed" ? "550 mailbox is full" : undefined} />
        ))}
      </div>
      <div class="stage__row">
        {DELIVERIES.map((state) => (
          <DeliveryMark key={state} state={state} iconOnly />
        ))}
      </div>
    </div>
  );
}
