// Fields with their label, help and error. The label is always there; an error says what to do, in place of the help.

import { ChevronDown, Eye, EyeOff, type LucideIcon } from "lucide-preact";
import type { ComponentChildren, InputHTMLAttributes, Ref, SelectHTMLAttributes, TextareaHTMLAttributes } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { classes } from "../classes";
import { t } from "../i18n/index";
import { Icon } from "./icon";
import { IconButton } from "./icon-button";
import "./field.css";

interface FieldProps {
  readonly label: string;
  /** The label is for screen readers only: the place says what it is (a search field). */
  readonly bare?: boolean;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
}

interface Wiring {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
  readonly "aria-label": string | undefined;
}

function Field({
  label,
  bare = false,
  help,
  error,
  children,
}: FieldProps & { readonly children: (wiring: Wiring) => ComponentChildren }) {
  const id = useId();
  const below = error ?? help;
  return (
    <div class={classes("sb-field", error !== undefined && "sb-field--wrong")}>
      {!bare && (
        <label class="sb-field__label" for={id}>
          {label}
        </label>
      )}
      {children({
        id,
        "aria-describedby": below === undefined ? undefined : `${id}-below`,
        "aria-invalid": error === undefined ? undefined : true,
        "aria-label": bare ? label : undefined,
      })}
      {below !== undefined && (
        <p class="sb-field__below" id={`${id}-below`} role={error === undefined ? undefined : "alert"}>
          {below}
        </p>
      )}
    </div>
  );
}

export interface TextFieldProps extends FieldProps, Omit<InputHTMLAttributes, "label" | "icon" | "size"> {
  readonly icon?: LucideIcon;
  readonly inputRef?: Ref<HTMLInputElement>;
}

export function TextField({ label, bare, help, error, icon, inputRef, type = "text", ...rest }: TextFieldProps) {
  const [revealed, setRevealed] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  // A browser does it once a page, and not where something else has the focus: what is typed then would be shortcuts.
  useLayoutEffect(() => {
    if (rest.autofocus) box.current?.querySelector("input")?.focus();
  }, []);
  const secret = type === "password";
  return (
    <Field label={label} {...(bare === undefined ? {} : { bare })} help={help} error={error}>
      {(wiring) => (
        <span class="sb-input" ref={box}>
          {icon && <Icon of={icon} />}
          <input
            dir="auto"
            {...rest}
            {...wiring}
            type={secret && revealed ? "text" : type}
            {...(inputRef === undefined ? {} : { ref: inputRef })}
          />
          {secret && (
            <IconButton
              icon={revealed ? EyeOff : Eye}
              size="small"
              label={t(revealed ? "password.hide" : "password.show")}
              onClick={() => setRevealed(!revealed)}
            />
          )}
        </span>
      )}
    </Field>
  );
}

export interface TextAreaProps extends FieldProps, Omit<TextareaHTMLAttributes, "label"> {
  readonly areaRef?: Ref<HTMLTextAreaElement>;
}

export function TextArea({ label, bare, help, error, areaRef, ...rest }: TextAreaProps) {
  return (
    <Field label={label} {...(bare === undefined ? {} : { bare })} help={help} error={error}>
      {(wiring) => (
        <span class="sb-input sb-input--area">
          <textarea rows={3} dir="auto" {...rest} {...wiring} {...(areaRef === undefined ? {} : { ref: areaRef })} />
        </span>
      )}
    </Field>
  );
}

export interface SelectProps extends FieldProps, Omit<SelectHTMLAttributes, "label" | "size"> {
  readonly options: readonly { readonly value: string; readonly label: string; readonly disabled?: boolean }[];
}

export function Select({ label, bare, help, error, options, value, ...rest }: SelectProps) {
  return (
    <Field label={label} {...(bare === undefined ? {} : { bare })} help={help} error={error}>
      {(wiring) => (
        <span class="sb-input sb-input--select">
          <select {...rest} {...wiring}>
            {options.map((option) => (
              <option
                key={option.value}
                value={option.value}
                disabled={option.disabled}
                selected={option.value === value}
              >
                {option.label}
              </option>
            ))}
          </select>
          <Icon of={ChevronDown} />
        </span>
      )}
    </Field>
  );
}
