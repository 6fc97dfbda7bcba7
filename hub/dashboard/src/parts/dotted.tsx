/** Short facts in one line, with dots between: each keeps its own direction of writing. */
import { type ComponentChildren, Fragment } from "preact";

export function Dotted({ of }: { readonly of: readonly ComponentChildren[] }) {
  return (
    <>
      {of.filter(Boolean).map((one, place) => (
        <Fragment key={place}>
          {place > 0 && " · "}
          <bdi>{one}</bdi>
        </Fragment>
      ))}
    </>
  );
}
