/** A text field whose text counts when it is done: at Enter, when it is left, or as soon as it is whole. */
import { useSignal } from "@preact/signals";
import { TextField, type TextFieldProps } from "@switchboard/ui/field";
import { useEffect } from "preact/hooks";

interface Props extends Pick<TextFieldProps, "label" | "bare" | "type" | "list"> {
  readonly value: string;
  /** What was written is whole: nobody has to say that they are done. */
  whole?(text: string): boolean;
  done(text: string): void;
}

export function WrittenField({ value, whole, done, ...field }: Props) {
  const text = useSignal(value);
  useEffect(() => {
    text.value = value;
  }, [value]);
  const end = (): void => {
    if (text.value !== value) done(text.value);
  };
  return (
    <TextField
      {...field}
      value={text.value}
      onInput={({ currentTarget }) => {
        text.value = currentTarget.value;
        if (whole?.(text.value)) end();
      }}
      onBlur={end}
      onKeyDown={({ key }) => key === "Enter" && end()}
    />
  );
}
