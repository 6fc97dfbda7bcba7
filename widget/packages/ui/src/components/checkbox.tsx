// A box that is on, off, or in between (some of a selection).

import { Check, type LucideIcon, Minus } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";

import { Icon } from "./icon";
import { Unseen } from "./unseen";
import "./checkbox.css";

export interface CheckboxProps {
  readonly label: string;
  /** The label is for screen readers only. */
  readonly bare?: boolean;
  /** Before the label: what it is. */
  readonly icon?: LucideIcon;
  readonly checked: boolean | "some";
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Checkbox({ label, bare = false, icon, checked, disabled = false, onChange }: CheckboxProps) {
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
      {icon && <Icon of={icon} />}
      {bare ? <Unseen>{label}</Unseen> : <span>{label}</span>}
    </label>
  );
}
