// The tokens themselves: grounds and meanings, and the type scale.

const GROUNDS = ["ground", "surface", "raised", "hover", "selected"] as const;
const MEANINGS = ["accent", "customer", "agent", "bot", "note", "success", "warning", "danger"] as const;

export function Colours() {
  return (
    <div class="stage">
      <div class="swatches">
        {GROUNDS.map((name) => (
          <div
            key={name}
            class="swatch"
            style={{ background: `var(--sb-${name})`, boxShadow: "inset 0 0 0 1px var(--sb-line)" }}
          >
            <span>{name}</span>
            <span style={{ color: "var(--sb-muted)" }}>muted</span>
            <i style={{ background: "var(--sb-edge)" }} />
          </div>
        ))}
        {MEANINGS.map((name) => (
          <div key={name} class="swatch" style={{ background: `var(--sb-${name}-soft)` }}>
            <span>{name}</span>
            <span style={{ color: `var(--sb-${name}-text)` }}>words</span>
            <i style={{ background: `var(--sb-${name})` }} />
          </div>
        ))}
      </div>
    </div>
  );
}

const TYPE = [
  ["display", "A team in one inbox"],
  ["title", "Invoice 2026-1187 has the wrong address"],
  ["widget", "We are here and answer in a few minutes"],
  ["thread", "Nothing is wrong with it. The front light came in this morning."],
  ["list", "Hello, could you put our new office on it?"],
  ["meta", "yesterday, 14:05"],
] as const;

export function TypeScale() {
  return (
    <div class="stage">
      {TYPE.map(([name, text]) => (
        <p key={name} style={{ font: `var(--sb-type-${name})`, marginBlock: "var(--sb-1)" }}>
          {text}
        </p>
      ))}
    </div>
  );
}
