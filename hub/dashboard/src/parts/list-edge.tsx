/** The edge of the list, pulled by the pointer or moved by arrows. */
import { t } from "@switchboard/ui/i18n/desk";
import { listWidth } from "../preferences";

/** How narrow and how wide the list may be, and how far an arrow moves its edge, px. */
const LEAST = 260;
const MOST = 560;
const STEP = 16;

export function ListEdge() {
  const set = (width: number): void => {
    listWidth.value = `${Math.min(MOST, Math.max(LEAST, Math.round(width)))}`;
  };
  const forth = (): 1 | -1 => (document.documentElement.dir === "rtl" ? -1 : 1);
  const pull = (down: PointerEvent): void => {
    const edge = down.currentTarget as HTMLElement;
    const start = Number(listWidth.value);
    const move = (event: PointerEvent): void => set(start + forth() * (event.clientX - down.clientX));
    edge.setPointerCapture(down.pointerId);
    edge.addEventListener("pointermove", move);
    edge.addEventListener("lostpointercapture", () => edge.removeEventListener("pointermove", move), { once: true });
  };
  const step = ({ key }: KeyboardEvent): void => {
    if (key !== "ArrowLeft" && key !== "ArrowRight") return;
    set(Number(listWidth.value) + forth() * (key === "ArrowRight" ? STEP : -STEP));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that is moved is not a thematic break.
    <div
      class="dk-edge"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t("list.resize")}
      aria-valuenow={Number(listWidth.value)}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      onPointerDown={pull}
      onKeyDown={step}
    />
  );
}
