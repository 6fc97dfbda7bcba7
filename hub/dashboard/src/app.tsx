/** Which screen: by who is signed in and by the address. */
import { Button } from "@switchboard/ui/button";
import { loadChannelWords } from "@switchboard/ui/i18n/channels";
import { t } from "@switchboard/ui/i18n/desk";
import { loadTemplateWords } from "@switchboard/ui/i18n/templates";
import { Toasts } from "@switchboard/ui/toast";
import { lazy, Suspense } from "preact/compat";
import { DeskContext } from "./context";
import { route } from "./router";
import { EntryLink } from "./screens/entry-link";
import { Frame } from "./screens/frame";
import { SetUp, SignIn } from "./screens/sign-in";
import { resume, session } from "./session";
import { errorText } from "./words";

const Settings = lazy(async () => {
  const [{ Settings }] = await Promise.all([
    import("./screens/settings/settings"),
    loadChannelWords(),
    loadTemplateWords(),
  ]);
  return { default: Settings };
});

export function App() {
  return (
    <>
      <Screen />
      <Toasts />
    </>
  );
}

function Screen() {
  const { value: who } = session;
  const { value: where } = route;
  if (where.page === "setup") return <SetUp token={where.token} />;
  if (where.page === "link") return <EntryLink key={where.token} token={where.token} />;
  switch (who.kind) {
    case "loading":
      return null;
    case "unreachable":
      return (
        <main class="dk-alone">
          <h1>{t("error.load")}</h1>
          <p>{errorText(who.error)}</p>
          <Button kind="primary" onClick={() => void resume()}>
            {t("action.retry")}
          </Button>
        </main>
      );
    case "out":
      return <SignIn thrown={who.thrown} />;
    case "in":
      return (
        <DeskContext.Provider value={who.desk}>
          {where.page === "settings" ? (
            <Suspense fallback={null}>
              <Settings part={where.part} />
            </Suspense>
          ) : (
            <Frame />
          )}
        </DeskContext.Provider>
      );
  }
}
