/** The panel's few outline icons, 24 units square. Decoration: what they mean is the name of the button that they are on. */

const SHAPES = {
  alert: "M12 7.5v5M12 16v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z",
  clip: "m20 11-8.4 8.5a5 5 0 0 1-7.1-7.1L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.8-7.7",
  close: "M6 6l12 12M18 6 6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  minimise: "M6 9l6 6 6-6",
  save: "M12 4v11M7 10l5 5 5-5M5 20h14",
  up: "M12 19V5M6 11l6-6 6 6",
};

export function Icon({ of, size = 20 }: { of: keyof typeof SHAPES; size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={SHAPES[of]} />
    </svg>
  );
}
