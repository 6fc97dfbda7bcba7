// The shape of what is coming. It shows only after 200 ms, so what is quick never flashes.

import { t } from "../i18n/index";
import { Unseen } from "./unseen";
import "./skeleton.css";

export interface SkeletonProps {
  /** `row`: conversation rows; `message`: messages; `line`: lines of text. */
  readonly as: "row" | "message" | "line";
  readonly count?: number;
}

export function Skeleton({ as, count = 3 }: SkeletonProps) {
  return (
    <div class={`sb-skeletons sb-skeletons--${as}`} role="status">
      <Unseen>{t("loading")}</Unseen>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} class="sb-skeleton" aria-hidden="true">
          {as !== "line" && <i class="sb-skeleton__face" />}
          <span class="sb-skeleton__lines">
            <i />
            {as !== "line" && <i />}
          </span>
        </div>
      ))}
    </div>
  );
}
