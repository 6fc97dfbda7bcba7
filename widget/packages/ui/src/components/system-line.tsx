// What happened to a conversation, as a sentence in the reader's language; small and in the middle of the thread.

import type { CaseLink, SystemLine as Line } from "@switchboard/protocol";
import type { ComponentChild, VNode } from "preact";

import { rich, t } from "../i18n/dashboard";
import { list } from "../i18n/index";
import { coming } from "../time/index";
import { locale, now } from "../time/ticker";
import { Moment } from "./moment";
import "./system-line.css";

/** Who the ids are. */
export interface Names {
  agent(id: string): string;
  team(id: string): string;
  bot(id: string): string;
  /** What leads to another conversation. */
  case(of: CaseLink): ComponentChild;
}

export interface SystemLineProps {
  readonly line: Line;
  readonly at: number;
  /** Name and id of who did it; absent: the hub itself. */
  readonly by?: { readonly id: string; readonly name: string } | undefined;
  readonly names: Names;
  /** It stands for so many of its kind, one after the other. */
  readonly times?: number;
}

const strong = (text: string) => <bdi class="sb-system__name">{text}</bdi>;

function sentence({ line, by, names, times = 1 }: SystemLineProps): ComponentChild[] {
  const who = strong(by?.name ?? t("people.hub"));
  switch (line.kind) {
    case "assigned":
      if (line.agent_id === null) return rich("line.unassigned", { by: who });
      if (line.agent_id === by?.id) return rich("line.taken", { by: who });
      return rich("line.assigned", { by: who, agent: strong(names.agent(line.agent_id)) });
    case "assignees_changed":
      return joined(
        line.added.map((id) => names.agent(id)),
        line.removed.map((id) => names.agent(id)),
        (agents) => rich("line.assigneeJoined", { by: who, agents }),
        (agents) => rich("line.assigneeLeft", { by: who, agents }),
      );
    case "team_changed":
      return line.team_id === null
        ? rich("line.teamNone", { by: who })
        : rich("line.team", { by: who, team: strong(names.team(line.team_id)) });
    case "closed":
      return rich("line.closed", { by: who });
    case "reopened":
      return rich("line.reopened", { by: who });
    case "reopened_by_contact":
      return rich("line.reopenedByContact");
    case "snoozed":
      return rich(line.stays ? "line.snoozedStays" : "line.snoozed", {
        by: who,
        time: coming(line.until, now.value, locale.value),
      });
    case "woken":
      return rich("line.woken");
    case "moved":
      return rich(`line.moved.${line.place}`, { by: who });
    case "priority_changed":
      return rich(`line.priority.${line.priority}`, { by: who });
    case "message_moved":
      return rich("line.messageMoved", { n: times, case: names.case(line.to) });
    case "split_from":
      return rich("line.splitFrom", { by: who, case: names.case(line.from) });
    case "merged":
      return rich("line.merged", { by: who, case: names.case(line.from) });
    case "merged_into":
      return rich("line.mergedInto", { by: who, case: names.case(line.into) });
    case "separated":
      return rich("line.separated", { by: who, case: names.case(line.from) });
    case "tags_changed":
      return joined(
        line.added,
        line.removed,
        (tags) => rich("line.tagged", { by: who, tags }),
        (tags) => rich("line.untagged", { by: who, tags }),
      );
    case "bot_blocked":
      return botBlocked(line, who, strong(names.bot(line.bot_id)), by !== undefined && by.id !== line.bot_id);
    case "bot_unblocked": {
      const bot = strong(names.bot(line.bot_id));
      if (line.closed) return rich("line.botFreeClosed", { bot });
      return by ? rich("line.botFreeBy", { by: who, bot }) : rich("line.botFree", { bot });
    }
    case "bot_asked":
      return rich("line.botAsked", { by: who, bot: strong(names.bot(line.bot_id)) });
    case "pressed":
      return rich("line.pressed", { by: who, text: <bdi>{line.text}</bdi> });
    case "flagged":
      return rich(line.flagged ? "line.flagged" : "line.unflagged", { by: who });
    case "subject_changed":
      return line.subject
        ? rich("line.subject", { by: who, subject: <bdi>{line.subject}</bdi> })
        : rich("line.subjectNone", { by: who });
    case "rated":
      return line.words === undefined
        ? rich("line.rated", { by: who, score: line.score })
        : rich("line.ratedWords", { by: who, score: line.score, text: <bdi>{line.words}</bdi> });
    case "asked_person":
      return rich("line.askedPerson", { by: who });
    default:
      return unknownLine(line);
  }
}

/** A newer hub may write lines that this page does not know yet. */
function unknownLine(_line: never): ComponentChild[] {
  return rich("line.unknown");
}

/** `byOther`: somebody else than the bot itself did it. What was said of it, and until when it is quiet, follow where the sentence has no room for them. */
function botBlocked(
  { why, until, note }: Extract<Line, { kind: "bot_blocked" }>,
  by: VNode,
  bot: VNode,
  byOther: boolean,
): ComponentChild[] {
  const time = until === null ? undefined : coming(until, now.value, locale.value);
  const followed = (sentence: ComponentChild[]): ComponentChild[] => [
    ...sentence,
    ...(note === undefined ? [] : [" · ", <bdi key="note">{note}</bdi>]),
    ...(time === undefined ? [] : [" · ", t("line.botBack", { time })]),
  ];
  switch (why) {
    case "answered":
      return time === undefined
        ? rich("line.botAnswered", { by, bot })
        : rich("line.botAnsweredUntil", { by, bot, time });
    case "handed_over":
      return followed(byOther ? rich("line.botHandedOverBy", { by, bot }) : rich("line.botHandedOver", { bot }));
    case "asked":
      return followed(rich("line.personAsked", { by, bot }));
    case "silent":
      return followed(rich("line.botSilent", { bot }));
    case "failing":
      return followed(rich("line.botFailing", { bot }));
    default:
      return time === undefined
        ? rich("line.botBlocked", { by, bot })
        : rich("line.botBlockedUntil", { by, bot, time });
  }
}

/** One line may say both what came and what went: two sentences, then. */
function joined(
  added: readonly string[],
  removed: readonly string[],
  came: (names: ComponentChild) => ComponentChild[],
  went: (names: ComponentChild) => ComponentChild[],
): ComponentChild[] {
  const first = added.length > 0 ? came(strong(list(added))) : [];
  const second = removed.length > 0 ? went(strong(list(removed))) : [];
  return first.length > 0 && second.length > 0 ? [...first, " · ", ...second] : [...first, ...second];
}

export function SystemLine(props: SystemLineProps) {
  return (
    <p class="sb-system">
      <span>{sentence(props)}</span>
      <Moment at={props.at} as="clock" class="sb-figures sb-system__time" />
    </p>
  );
}
