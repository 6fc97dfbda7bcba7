// A box that is on, off, or in between (some of a selection).

import { Check, Minus } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";

import { Icon } from "./icon";
import { Unseen } from "./unseen";
import "./checkbox.css";

export interface CheckboxProps {
  readonly label: string;
  /** The label is for screen readers only. */
  readonly bare?: boolean;
  readonly checked: boolean | "some";
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Checkbox({ label, bare = false, checked, disabled = false, onChange }: CheckboxProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.indeterminate = checked === "some";
  }, [checked]);
  return (
    <label class="sb-checkbox">
      <input
        type="checkbox"
        ref={input}
        checked={checked === true}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class="sb-checkbox__box">
        {checked !== false && <Icon of={checked === "some" ? Minus : Check} size={12} />}
      </span>
      {bare ? <Unseen>{label}</Unseen> : <span>{label}</span>}
    </label>
  );
}
