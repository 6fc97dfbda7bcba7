/** Forms: what is sent, whether it is under way, what came back. The fields themselves are the ui package's. */
import type { ApiError } from "@switchboard/protocol";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { apiError } from "../net/errors";
import { errorText, fieldError } from "../words";
import "./form.css";

export interface Sending {
  readonly busy: boolean;
  readonly error: ApiError | null;
  fieldError(field: string): string | undefined;
  /** Runs what a form does; a refusal becomes `error`. */
  send(work: () => Promise<void>): Promise<void>;
}

export function useSending(): Sending {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  return {
    busy,
    error,
    fieldError: (field) => fieldError(error, field),
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

/** The sentence of a refusal that is not about one field. */
export function FormError({ error, text }: { readonly error: ApiError | null; readonly text?: string | undefined }) {
  return (
    <div role="alert">{error && !error.fields?.length && <p class="dk-form-error">{text ?? errorText(error)}</p>}</div>
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
