/** The person and their page: availability, signing out, colours, density, keys, language. */
import { LANGUAGE_NAMES, LANGUAGES } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/more";
import { Presence } from "@switchboard/ui/presence";
import { Keyboard, Languages, LogOut, Monitor, Moon, Rows3, Sun } from "lucide-preact";
import { useDesk } from "../../context";
import { Picker, type PickerItem } from "../../parts/picker";
import { chooseLanguage, chosenLanguage, density, letterKeys, theme } from "../../preferences";
import { signOut } from "../../session";
import { closeOverlay } from "../overlay";

interface Choice extends PickerItem {
  run(): void;
}

export function Account() {
  const desk = useDesk();
  const me = desk.me.value.agent;
  const mine = desk.now.value.team.get(me.id) ?? desk.me.value.availability;
  const items: readonly Choice[] = [
    ...(["online", "away", "busy"] as const).map((one) => ({
      id: `be ${one}`,
      group: t("account.availability"),
      label: t(`presence.${one}`),
      face: <Presence availability={one} named={false} />,
      checked: mine === one,
      run: () => void desk.socket.command({ do: "availability", availability: one }).catch(() => undefined),
    })),
    { id: "out", group: me.email, label: t("account.signOut"), icon: LogOut, run: () => void signOut() },
    ...(["system", "light", "dark"] as const).map((one) => ({
      id: `theme ${one}`,
      group: t("account.theme"),
      label: t(`account.theme.${one}`),
      icon: one === "system" ? Monitor : one === "light" ? Sun : Moon,
      checked: theme.value === one,
      run: () => {
        theme.value = one;
      },
    })),
    ...(["comfortable", "compact"] as const).map((one) => ({
      id: `density ${one}`,
      group: t("account.density"),
      label: t(`account.density.${one}`),
      icon: Rows3,
      checked: density.value === one,
      run: () => {
        density.value = one;
      },
    })),
    ...(["on", "off"] as const).map((one) => ({
      id: `keys ${one}`,
      group: t("account.keys"),
      label: t(`account.keys.${one}`),
      icon: Keyboard,
      checked: letterKeys.value === one,
      run: () => {
        letterKeys.value = one;
      },
    })),
    ...(["system", ...LANGUAGES] as const).map((one) => ({
      id: `speak ${one}`,
      group: t("account.language"),
      label: one === "system" ? t("account.language.system") : LANGUAGE_NAMES[one],
      icon: Languages,
      checked: chosenLanguage.value === one,
      run: () => void chooseLanguage(one),
    })),
  ];
  return (
    <Picker
      label={t("account.menu")}
      items={items}
      close={closeOverlay}
      choose={(id) => items.find((one) => one.id === id)?.run()}
    />
  );
}
