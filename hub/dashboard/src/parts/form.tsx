/** Forms: a field with its label, hint and error; what is sent, whether it is under way, what came back. */
import type { ApiError } from "@switchboard/protocol";
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useId, useState } from "preact/hooks";
import { apiError } from "../net/errors";
import { errorText, fieldError } from "../words";
import "./form.css";

export interface FieldProps extends Omit<InputHTMLAttributes, "label"> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

export function Field({ label, hint, error, ...input }: FieldProps) {
  const id = useId();
  const said = error ?? hint;
  return (
    <div class="dk-field">
      <label for={id}>{label}</label>
      <input {...input} id={id} class="dk-input" aria-invalid={error !== undefined || undefined} aria-describedby={said === undefined ? undefined : `${id}-said`} />
      {said !== undefined && <p id={`${id}-said`} class={error === undefined ? "dk-field__hint" : "dk-field__error"}>{said}</p>}
    </div>
  );
}

export interface AreaProps {
  readonly label: string;
  readonly hint?: string;
  readonly name: string;
  readonly value: string;
  readonly rows?: number;
  readonly error?: string | undefined;
}

export function Area({ label, hint, name, value, rows = 3, error }: AreaProps) {
  const id = useId();
  const said = error ?? hint;
  return (
    <div class="dk-field">
      <label for={id}>{label}</label>
      <textarea id={id} class="dk-input" name={name} rows={rows} defaultValue={value} aria-invalid={error !== undefined || undefined} aria-describedby={said === undefined ? undefined : `${id}-said`} />
      {said !== undefined && <p id={`${id}-said`} class={error === undefined ? "dk-field__hint" : "dk-field__error"}>{said}</p>}
    </div>
  );
}

export interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly name?: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly unseenLabel?: boolean;
  onChange?(value: T): void;
}

/** One of a few: the system's own list, which every device knows how to show. */
export function Choice<T extends string>({ label, name, value, options, unseenLabel = false, onChange }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div class="dk-field">
      <label for={id} class={unseenLabel ? "sb-unseen" : undefined}>{label}</label>
      <select id={id} name={name} class="dk-input" value={value} onChange={(event) => onChange?.(event.currentTarget.value as T)}>
        {options.map((one) => <option key={one.value} value={one.value} selected={one.value === value}>{one.label}</option>)}
      </select>
    </div>
  );
}

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
    busy, error,
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
  return <div role="alert">{error && !error.fields?.length && <p class="dk-form-error">{text ?? errorText(error)}</p>}</div>;
}

export function Form({ onSend, children, class: extra }: { onSend(form: FormData): void; readonly children: ComponentChildren; readonly class?: string }) {
  return (
    <form class={`dk-form ${extra ?? ""}`} onSubmit={(event) => { event.preventDefault(); onSend(new FormData(event.currentTarget)); }}>
      {children}
    </form>
  );
}
