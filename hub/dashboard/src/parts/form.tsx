/** Forms: what is sent, whether it is under way, what came back. The fields themselves are the ui package's. */
import type { ApiError } from "@switchboard/protocol";
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { apiError } from "../net/errors";
import { errorText, fieldError, isAt } from "../words";
import "./form.css";

export interface Sending {
  readonly busy: boolean;
  readonly error: ApiError | null;
  /** What is wrong with a field; a field that asks is one at which it shows. */
  fieldError(field: string): string | undefined;
  /** Something is wrong that no field of the form shows. */
  hasMore(): boolean;
  /** Runs what a form does; a refusal becomes `error`. */
  send(work: () => Promise<void>): Promise<void>;
}

export function useSending(): Sending {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const fields = useRef(new Set<string>()).current;
  return {
    busy,
    error,
    fieldError(field) {
      fields.add(field);
      return fieldError(error, field);
    },
    hasMore() {
      const wrong = error?.fields ?? [];
      return (
        error !== null && (wrong.length === 0 || wrong.some((one) => ![...fields].some((field) => isAt(one, field))))
      );
    },
    async send(work) {
      if (busy) return;
      setBusy(true);
      setError(null);
      try {
        await work();
      } catch (cause) {
        setError(apiError(cause));
      } finally {
        setBusy(false);
      }
    },
  };
}

/** The sentence of a refusal of which no field of the form speaks. */
export function FormError({ sending, text }: { readonly sending: Sending; readonly text?: string | undefined }) {
  const { error } = sending;
  return (
    <div role="alert">{error && sending.hasMore() && <p class="dk-form-error">{text ?? errorText(error)}</p>}</div>
  );
}

export function Form({
  onSend,
  children,
  class: extra,
}: {
  onSend(form: FormData): void;
  readonly children: ComponentChildren;
  readonly class?: string;
}) {
  return (
    <form
      class={`dk-form ${extra ?? ""}`}
      onSubmit={(event) => {
        event.preventDefault();
        onSend(new FormData(event.currentTarget));
      }}
    >
      {children}
    </form>
  );
}
