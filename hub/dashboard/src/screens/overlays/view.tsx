/** Keeps a list under a name, or gives a view another. */
import { NAME_CHARS, VIEWS, type ViewId } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { Dialog } from "@switchboard/ui/dialog";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/more";
import { useState } from "preact/hooks";
import { useDesk } from "../../context";
import { Form, FormError, useSending } from "../../parts/form";
import { go, listPath } from "../../router";
import type { ListQuery } from "../../state/lists";
import { closeOverlay } from "../overlay";

export interface ViewFormProps {
  readonly query: ListQuery;
  /** Null: a new one. */
  readonly id: ViewId | null;
}

export function ViewForm({ query, id }: ViewFormProps) {
  const desk = useDesk();
  const sending = useSending();
  const { role } = desk.me.value.agent;
  const admin = role === "owner" || role === "admin";
  const before = desk.views.list.value?.find((one) => one.id === id);
  const [shared, setShared] = useState(before?.shared ?? false);
  const send = (form: FormData): Promise<void> =>
    sending.send(async () => {
      const view = { name: String(form.get("name")), query, shared };
      if (id === null) await desk.views.create(view);
      else await desk.views.save(id, view);
      closeOverlay();
      go(listPath(query), true);
    });
  return (
    <Dialog title={t(id === null ? "view.save" : "view.change")} onClose={closeOverlay}>
      <Form onSend={(form) => void send(form)}>
        <TextField
          label={t("view.name")}
          name="name"
          required
          autofocus
          maxLength={NAME_CHARS}
          defaultValue={before?.name ?? ""}
          help={shared ? undefined : t("view.most", { n: VIEWS })}
          error={sending.fieldError("name")}
        />
        {admin && <Checkbox label={t("view.shared")} checked={shared} onChange={setShared} />}
        <FormError sending={sending} />
        <div class="dk-form__foot">
          <Button kind="primary" type="submit" busy={sending.busy}>
            {t("settings.save")}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
