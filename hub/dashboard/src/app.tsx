/** Which screen: by who is signed in and by the address. */
import { Button } from "@switchboard/ui/button";
import { loadChannelWords } from "@switchboard/ui/i18n/channels";
import { loadCustomerWords } from "@switchboard/ui/i18n/customers";
import { t } from "@switchboard/ui/i18n/desk";
import { loadMoreWords } from "@switchboard/ui/i18n/more";
import { loadTemplateWords } from "@switchboard/ui/i18n/templates";
import { Skeleton } from "@switchboard/ui/skeleton";
import { Toasts } from "@switchboard/ui/toast";
import type { ComponentType } from "preact";
import { DeskContext } from "./context";
import { LostPage, late } from "./parts/late";
import { type Route, route } from "./router";
import { Frame } from "./screens/frame";
import { SetUp, SignIn } from "./screens/sign-in";
import { resume, session } from "./session";
import { errorText } from "./words";

/** A page in the place of all columns. */
const page = <Props extends object>(load: () => Promise<ComponentType<Props>>) =>
  late(load, { waits: () => <Waits />, lost: LostPage });

const Settings = page(async () => {
  const [{ Settings }] = await Promise.all([
    import("./screens/settings/settings"),
    loadChannelWords(),
    loadTemplateWords(),
    loadMoreWords(),
    loadCustomerWords(),
  ]);
  return Settings;
});

const EntryLink = page(async () => {
  const [{ EntryLink }] = await Promise.all([import("./screens/entry-link"), loadMoreWords()]);
  return EntryLink;
});

const Pulse = page(async () => {
  const [{ Pulse }] = await Promise.all([import("./screens/pulse/pulse"), loadMoreWords()]);
  return Pulse;
});

const Customers = page(async () => {
  const [{ Customers }] = await Promise.all([
    import("./screens/customers/customers"),
    loadCustomerWords(),
    loadMoreWords(),
  ]);
  return Customers;
});

const Print = page(async () => {
  const [{ Print }] = await Promise.all([import("./screens/print/print"), loadMoreWords()]);
  return Print;
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
      return <Waits />;
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
          <Page where={where} />
        </DeskContext.Provider>
      );
  }
}

/** The shape of what is coming, if it takes a while. */
function Waits() {
  return (
    <main class="dk-waits" aria-busy="true">
      <Skeleton as="row" count={8} />
    </main>
  );
}

function Page({ where }: { readonly where: Route }) {
  switch (where.page) {
    case "settings":
      return <Settings part={where.part} />;
    case "customers":
      return <Customers words={where.words} contact={where.contact} />;
    case "pulse":
      return <Pulse />;
    case "print":
      return <Print id={where.conversation} />;
    default:
      return <Frame />;
  }
}
