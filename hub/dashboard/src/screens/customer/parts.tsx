/** What the customer's column is made of: sections, and facts with their names. */
import type { ApiError } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import type { ComponentChildren } from "preact";
import { errorText } from "../../words";

export function Section({
  title,
  action,
  children,
}: {
  readonly title: string;
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="dk-customer__section">
      <div class="dk-customer__title">
        <h2>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

export function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div class="dk-facts__one">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** In the place of what could not be loaded. */
export function Missing({ error, again }: { readonly error: ApiError; again(): void }) {
  return (
    <div class="dk-customer__missing" role="alert">
      <p class="dk-muted">{errorText(error)}</p>
      <Button size="small" onClick={again}>
        {t("action.retry")}
      </Button>
    </div>
  );
}
