// A thin bar over a view: something the person should know while they work on. The offline one says what is kept and
// when it tries next.

import { CloudOff, Info, type LucideIcon, TriangleAlert } from "lucide-preact";
import type { ComponentChildren } from "preact";

import { t } from "../i18n/index";
import { span } from "../time/index";
import { Button } from "./button";
import { Icon } from "./icon";
import "./banner.css";

export type BannerTone = "neutral" | "warning" | "danger";

const ICONS: Readonly<Record<BannerTone, LucideIcon>> = {
  neutral: Info,
  warning: TriangleAlert,
  danger: TriangleAlert,
};

export interface BannerProps {
  readonly tone?: BannerTone;
  readonly icon?: LucideIcon;
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
}

export function Banner({ tone = "neutral", icon, children, action }: BannerProps) {
  return (
    <div class={`sb-banner sb-banner--${tone}`} role={tone === "danger" ? "alert" : "status"}>
      <Icon of={icon ?? ICONS[tone]} />
      <span class="sb-banner__words">{children}</span>
      {action}
    </div>
  );
}

export interface OfflineBannerProps {
  /** When the next try is, unix milliseconds; absent: it is trying now. */
  readonly retryAt?: number | undefined;
  readonly now: number;
  readonly language: string;
  readonly onRetry: () => void;
}

export function OfflineBanner({ retryAt, now, language, onRetry }: OfflineBannerProps) {
  const waiting = retryAt !== undefined && retryAt > now;
  return (
    <Banner
      tone="warning"
      icon={CloudOff}
      action={
        waiting && (
          <Button kind="quiet" size="small" onClick={onRetry}>
            {t("offline.retry")}
          </Button>
        )
      }
    >
      {t("offline.body")} {/* The seconds count down; read out once is enough. */}
      <span class="sb-figures" aria-live="off">
        {waiting ? t("offline.next", { time: span(retryAt - now, language) }) : t("offline.now")}
      </span>
    </Banner>
  );
}
