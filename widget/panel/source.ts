/** Where a conversation came from, of what the loader saw. */

import type { Source } from "@switchboard/protocol";

import type { HostPage } from "../shared/frame";

/** Campaign parameters kept, and how long each may be, characters. */
const CAMPAIGN_MAX = 12;
const VALUE_CHARS = 200;
const CAMPAIGN = /^(utm_\w+|gclid|fbclid|msclkid|ttclid|ref)$/;

export function campaignOf(url: string): [string, string][] {
  if (!URL.canParse(url)) return [];
  return [...new URL(url).searchParams]
    .filter(([name]) => CAMPAIGN.test(name))
    .slice(0, CAMPAIGN_MAX)
    .map(([name, value]) => [name, value.slice(0, VALUE_CHARS)]);
}

export function sourceOf({ page, referrer, landing, languages, pages }: HostPage): Source {
  const campaign = campaignOf(landing);
  const language = navigator.language || languages[0];
  return {
    ...page,
    ...(referrer ? { referrer } : {}),
    ...(campaign.length ? { campaign } : {}),
    ...(language ? { language } : {}),
    ...(pages.length ? { pages } : {}),
  };
}
