/** Where the conversation came from, with the exact address. */
import type { ConversationRow } from "@switchboard/protocol";
import { Dialog } from "@switchboard/ui/dialog";
import { t } from "@switchboard/ui/i18n/more";
import { locale } from "@switchboard/ui/ticker";
import { exact } from "@switchboard/ui/time";
import { Address } from "../../parts/address";
import { closeOverlay } from "../overlay";
import "./source.css";

export function Source({ row }: { readonly row: ConversationRow }) {
  const { url, title, referrer, campaign = [], pages = [], language } = row.source;
  return (
    <Dialog title={t("source.show")} size="medium" onClose={closeOverlay}>
      <dl class="dk-source">
        {url !== undefined && (
          <>
            <dt>{t("source.page")}</dt>
            <dd>
              {title !== undefined && <div>{title}</div>}
              <Address url={url} />
            </dd>
          </>
        )}
        {referrer !== undefined && (
          <>
            <dt>{t("source.referrer")}</dt>
            <dd>
              <Address url={referrer} />
            </dd>
          </>
        )}
        {campaign.length > 0 && (
          <>
            <dt>{t("source.campaign")}</dt>
            <dd>
              {campaign.map(([name, value]) => (
                <div key={name}>
                  <code>{name}</code> {value}
                </div>
              ))}
            </dd>
          </>
        )}
        {language !== undefined && (
          <>
            <dt>{t("source.language")}</dt>
            <dd>
              {languageName(language)} <bdi class="dk-muted">{language}</bdi>
            </dd>
          </>
        )}
        {pages.length > 0 && (
          <>
            <dt>{t("source.visited")}</dt>
            <dd>
              {pages.map((page) => (
                <div key={`${page.at}${page.url}`} title={exact(page.at, locale.value)}>
                  <Address url={page.url} />
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </Dialog>
  );
}

/** In the reader's words; a tag that is none stands for itself. */
function languageName(tag: string): string | undefined {
  try {
    return new Intl.DisplayNames(locale.value.language, { type: "language", fallback: "none" }).of(tag);
  } catch {
    return undefined;
  }
}
