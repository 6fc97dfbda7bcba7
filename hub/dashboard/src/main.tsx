/** Begins: words first, so that nothing shows in a language that is not the reader's. */
import "@switchboard/ui/tokens.css";
import "@switchboard/ui/base.css";
import "./parts/page.css";
import { render } from "preact";
import { App } from "./app";
import { applyPreferences, chooseLanguage, chosenLanguage } from "./preferences";
import { resume } from "./session";

applyPreferences();
const root = document.getElementById("app");
const asked = resume();
await chooseLanguage(chosenLanguage.value);
if (root) render(<App />, root);
await asked;
