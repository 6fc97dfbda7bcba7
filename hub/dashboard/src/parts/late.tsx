/**
 * A part of the page that is loaded when it is first shown. What did not come, because one is offline or the hub was updated
 * and has that file no more, says so in its place and is asked for again: each time that it is shown, and by its button.
 */
import { signal } from "@preact/signals";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
import type { ComponentChild, ComponentType, FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import "./part.css";

interface Options<Props> {
  /** What stands there meanwhile. */
  readonly waits?: () => ComponentChild;
  /** How it is said that it did not come; by itself it is a line with a button. */
  readonly lost?: FunctionComponent<LostProps & Props>;
}

export interface Late<Props> extends FunctionComponent<Props> {
  /** Loads it before it is shown, so that it is there at once. */
  ask(): void;
}

export interface LostProps {
  again(): void;
}

export function late<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  { waits = () => null, lost: Lost = LostPart }: Options<Props> = {},
): Late<Props> {
  const come = signal<{ readonly made: ComponentType<Props> } | "asked" | "lost" | null>(null);

  function ask(): void {
    const now = come.peek();
    if (now !== null && now !== "lost") return;
    come.value = "asked";
    load().then(
      (made) => {
        come.value = { made };
      },
      () => {
        come.value = "lost";
      },
    );
  }

  function Part(props: Props) {
    // Before the first look: what was lost the last time is not said of this one.
    useState(ask);
    const now = come.value;
    if (now === "lost") return <Lost {...props} again={ask} />;
    if (now === null || now === "asked") return <>{waits()}</>;
    return <now.made {...props} />;
  }
  return Object.assign(Part, { ask });
}

/** A line in its place, with a button. */
export function LostPart({ again }: LostProps) {
  return (
    <div class="dk-broken" role="alert">
      <span>{t("late.lost")}</span>
      <Button size="small" onClick={again}>
        {t("action.retry")}
      </Button>
    </div>
  );
}

/** In the place of a whole page. */
export function LostPage({ again }: LostProps) {
  return (
    <main class="dk-alone" role="alert">
      <p>{t("late.lost")}</p>
      <Button kind="primary" onClick={again}>
        {t("action.retry")}
      </Button>
      <Button kind="quiet" onClick={() => window.location.reload()}>
        {t("late.reload")}
      </Button>
    </main>
  );
}

/** In the place of what lies over the page: it goes, so that its key or button asks anew. */
export function lostOver(close: () => void): FunctionComponent<LostProps> {
  return function LostOver() {
    useEffect(() => {
      toast({ text: t("late.lost"), tone: "danger" });
      close();
    }, []);
    return null;
  };
}
