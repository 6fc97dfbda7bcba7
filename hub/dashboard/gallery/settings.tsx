// The gallery's switches. They are kept in the address, so that a state of the gallery can be linked to and photographed.

import { effect, signal } from "@preact/signals";
import { directionOf, LANGUAGE_NAMES, LANGUAGES, type Language, load } from "@switchboard/ui/i18n";
import { loaders as asked } from "@switchboard/ui/i18n/asked";
import { loaders as cases } from "@switchboard/ui/i18n/cases";
import { loaders as dashboard } from "@switchboard/ui/i18n/dashboard";
import { loaders as panel } from "@switchboard/ui/i18n/panel";

type Theme = "system" | "light" | "dark";
type Density = "comfortable" | "compact";
type Direction = "auto" | "ltr" | "rtl";
type Width = "full" | "360" | "720";

interface Settings {
  readonly theme: Theme;
  readonly language: Language;
  readonly direction: Direction;
  readonly density: Density;
  readonly width: Width;
}

const CHOICES: { readonly [K in keyof Settings]: readonly Settings[K][] } = {
  theme: ["system", "light", "dark"],
  language: LANGUAGES,
  direction: ["auto", "ltr", "rtl"],
  density: ["comfortable", "compact"],
  width: ["full", "720", "360"],
};

function fromAddress<K extends keyof Settings>(name: K): Settings[K] {
  const given = new URLSearchParams(location.search).get(name);
  const choices = CHOICES[name];
  return choices.find((choice) => choice === given) ?? (choices[0] as Settings[K]);
}

export const settings = signal<Settings>({
  theme: fromAddress("theme"),
  language: fromAddress("language"),
  direction: fromAddress("direction"),
  density: fromAddress("density"),
  width: fromAddress("width"),
});

effect(() => {
  const { theme, language, direction, density } = settings.value;
  const root = document.documentElement;
  root.lang = language;
  root.dir = direction === "auto" ? directionOf(language) : direction;
  root.dataset.density = density;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  history.replaceState(null, "", `?${new URLSearchParams({ ...settings.value })}`);
});

/** The words of the components and of the panel; they share no key. */
export function loadWords(language: Language): Promise<void> {
  return load(language, [dashboard, panel, cases, asked]);
}

async function change(part: Partial<Settings>): Promise<void> {
  if (part.language !== undefined) await loadWords(part.language);
  settings.value = { ...settings.value, ...part };
}

function Switch<K extends keyof Settings>({ name }: { readonly name: K }) {
  return (
    <label class="switches__one">
      {name}
      <select
        value={settings.value[name]}
        onChange={(event) => void change({ [name]: event.currentTarget.value } as Partial<Settings>)}
      >
        {CHOICES[name].map((choice) => (
          <option key={choice} value={choice}>
            {name === "language" ? LANGUAGE_NAMES[choice as Language] : choice}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Switches() {
  return (
    <header class="switches" dir="ltr" lang="en">
      {(Object.keys(CHOICES) as (keyof Settings)[]).map((name) => (
        <Switch key={name} name={name} />
      ))}
    </header>
  );
}
