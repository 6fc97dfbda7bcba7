// What happened to a conversation, as a sentence in the reader's language; small and in the middle of the thread.

import type { CaseLink, SystemLine as Line } from "@switchboard/protocol";
import type { ComponentChild } from "preact";

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
      return rich("line.snoozed", { by: who, time: coming(line.until, now.value, locale.value) });
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
