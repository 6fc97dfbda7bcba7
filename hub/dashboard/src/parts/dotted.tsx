/** Short facts in one line, with dots between: each keeps its own direction of writing. */
import { Fragment } from "preact";

export function Dotted({ of }: { readonly of: readonly (string | undefined)[] }) {
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
