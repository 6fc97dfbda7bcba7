// Tabs over one panel. Arrows move and choose at once; only the chosen tab is in the tab order
// (WAI-ARIA Authoring Practices, "Tabs with Automatic Activation").

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { number } from "../i18n/index";
import "./tabs.css";

export interface Tab<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly count?: number;
}

export interface TabsProps<Id extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<Id>[];
  readonly chosen: Id;
  readonly onChoose: (id: Id) => void;
  /** The chosen tab's panel. */
  readonly children: ComponentChildren;
}

export function Tabs<Id extends string>({ label, tabs, chosen, onChoose, children }: TabsProps<Id>) {
  const base = useId();
  const move = (event: KeyboardEvent) => {
    const rtl = getComputedStyle(event.currentTarget as Element).direction === "rtl";
    const forth = rtl ? "ArrowLeft" : "ArrowRight";
    const back = rtl ? "ArrowRight" : "ArrowLeft";
    const at = tabs.findIndex((tab) => tab.id === chosen);
    const step = event.key === forth ? 1 : event.key === back ? -1 : 0;
    const next =
      event.key === "Home"
        ? tabs[0]
        : event.key === "End"
          ? tabs.at(-1)
          : tabs[(at + step + tabs.length) % tabs.length];
    if (next === undefined || next.id === chosen) return;
    event.preventDefault();
    onChoose(next.id);
    document.getElementById(`${base}-${next.id}`)?.focus();
  };
  return (
    <div class="sb-tabs">
      <div class="sb-tabs__list" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            id={`${base}-${tab.id}`}
            type="button"
            role="tab"
            class="sb-tabs__tab"
            aria-selected={tab.id === chosen}
            aria-controls={`${base}-panel`}
            tabIndex={tab.id === chosen ? 0 : -1}
            onClick={() => onChoose(tab.id)}
          >
            {tab.label}
            {tab.count !== undefined && <span class="sb-tabs__count sb-figures">{number(tab.count)}</span>}
          </button>
        ))}
      </div>
      <div
        class="sb-tabs__panel"
        role="tabpanel"
        id={`${base}-panel`}
        aria-labelledby={`${base}-${chosen}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a panel of plain text is reached by Tab too (APG, "Tabs").
        tabIndex={0}
      >
        {children}
      </div>
    </div>
  );
}
