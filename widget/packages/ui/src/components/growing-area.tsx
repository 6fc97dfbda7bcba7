// A text area as high as its text, up to what its CSS allows (`max-block-size`), then it scrolls.

import type { Ref, TextareaHTMLAttributes } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { classes } from "../classes";
import "./growing-area.css";

export interface GrowingAreaProps extends Omit<TextareaHTMLAttributes, "value" | "ref"> {
  readonly value: string;
  readonly areaRef?: Ref<HTMLTextAreaElement>;
}

// Where the browser can do it by itself (CSS `field-sizing`), nothing is measured.
const byItself = typeof CSS !== "undefined" && CSS.supports?.("field-sizing", "content");

export function GrowingArea({ value, areaRef, class: extra, ...rest }: GrowingAreaProps) {
  const own = useRef<HTMLTextAreaElement | null>(null);
  useLayoutEffect(() => {
    const area = own.current;
    if (byItself || area === null) return;
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight}px`;
  }, [value]);
  const take = (area: HTMLTextAreaElement | null) => {
    own.current = area;
    if (typeof areaRef === "function") areaRef(area);
    else if (areaRef) areaRef.current = area;
  };
  return (
    <textarea
      rows={1}
      dir="auto"
      {...rest}
      class={classes("sb-growing", extra as string | undefined)}
      value={value}
      ref={take}
    />
  );
}
