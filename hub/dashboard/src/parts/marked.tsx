/** A text in which the variables that nobody has filled in are marked. */
import { Fragment } from "preact";
import { openIn } from "../desk/filling";
import "./marked.css";

export function Marked({ text }: { readonly text: string }) {
  return (
    <>
      {text.split(/(\{\{[^{}]*\}\})/u).map((part, place) => (
        <Fragment key={place}>{openIn(part).length > 0 ? <mark class="dk-open-place">{part}</mark> : part}</Fragment>
      ))}
    </>
  );
}
