/** A message that did not go out, or of which nobody knows: somebody of the team sends it again. */
import { useSignal } from "@preact/signals";
import type { Message } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
import { useDesk } from "../context";
import { apiError } from "../net/errors";
import { errorText } from "../words";

export function SendAgain({ message }: { readonly message: Message }) {
  const desk = useDesk();
  const busy = useSignal(false);
  if (desk.me.value.agent.role === "read_only") return null;
  const send = async (): Promise<void> => {
    busy.value = true;
    try {
      await desk.api("POST /api/messages/{id}/send-again", { id: message.id });
    } catch (cause) {
      const error = apiError(cause);
      const why = error.code === "conflict" ? t("again.onItsWay") : errorText(error);
      toast({ text: t("again.failed", { why }), tone: "danger" });
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class="dk-thread__again">
      <Button kind="quiet" size="small" busy={busy.value} onClick={() => void send()}>
        {t("again.send")}
      </Button>
      {message.delivery === "uncertain" && <span class="dk-thread__twice">{t("again.twice")}</span>}
    </div>
  );
}
