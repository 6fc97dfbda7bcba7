// The gallery: every component in every state, in any theme, direction, language, density and width. It is how a change
// is looked at, and what the screenshots and the accessibility check are taken from. Nothing here talks to a hub.

import "@switchboard/ui/tokens.css";
import "@switchboard/ui/base.css";
import "./gallery.css";

import { Toasts } from "@switchboard/ui/toast";
import { render } from "preact";
import { SCENES } from "./scenes";
import { loadWords, Switches, settings } from "./settings";

function Gallery() {
  const { width } = settings.value;
  return (
    <>
      <Switches />
      <main class="gallery" style={width === "full" ? undefined : { maxInlineSize: `${width}px` }}>
        <h1 class="gallery__title">Gallery</h1>
        {SCENES.map(({ title, Scene }) => (
          <section key={title} class="gallery__scene" aria-label={title}>
            <h2>{title}</h2>
            <Scene />
          </section>
        ))}
      </main>
      <Toasts />
    </>
  );
}

const root = document.getElementById("gallery");
if (root === null) throw new Error("gallery.html has no #gallery");
await loadWords(settings.value.language);
render(<Gallery />, root);
document.documentElement.dataset.ready = "yes";
