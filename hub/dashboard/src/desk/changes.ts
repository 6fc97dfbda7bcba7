/**
 * Changing a conversation: shows at once, comes back with the hub's reason if it is refused, and what can be undone says
 * so in a toast for some seconds. Changing a customer: shows when the hub has taken it.
 */
import type {
  ApiError,
  ChangeContact,
  ContactId,
  ConversationChange,
  ConversationId,
  ConversationPatch,
  ConversationRow,
} from "@switchboard/protocol";
import { apiError } from "../net/errors";
import { nothingTouched } from "../state/model";
import { lay, liftOverlay, overlayDone } from "../state/optimistic";
import { takeAnswer } from "../state/snapshots";
import type { Core } from "./core";

export interface Changes {
  /** Resolves to null when the hub has committed it, or to why not. */
  change(id: ConversationId, change: ConversationChange): Promise<ApiError | null>;
  /** The same of a customer. */
  contact(id: ContactId, change: ChangeContact): Promise<ApiError | null>;
  /** Puts a tag on a customer, or takes it off, beside those that are being changed: one change of tags behind the other. */
  tag(id: ContactId, tag: string, on: boolean): Promise<ApiError | null>;
}

export function makeChanges(core: Core): Changes {
  /** The last change of a customer's tags that is on its way: the next one is made from what that leaves. */
  const tagging = new Map<ContactId, Promise<ApiError | null>>();

  const changes: Changes = {
    tag(id, tag, on) {
      const next = (tagging.get(id) ?? Promise.resolve(null)).then(async () => {
        const tags = core.state.contacts.get(id)?.thing.tags;
        if (tags === undefined || tags.includes(tag) === on) return null;
        return changes.contact(id, { tags: on ? [...tags, tag] : tags.filter((one) => one !== tag) });
      });
      tagging.set(id, next);
      void next.finally(() => tagging.get(id) === next && tagging.delete(id));
      return next;
    },
    async change(id, change) {
      const row = core.rowNow(id);
      const overlayId = core.newId();
      if (row) core.publish(lay(core.state, id, { id: overlayId, patch: patchOf(change, row), until: null }));
      try {
        const done = await core.socket.command({ do: "change", conversation_id: id, change }, { id: overlayId });
        core.publish(overlayDone(core.state, id, overlayId, done.position));
        return null;
      } catch (cause) {
        core.publish(liftOverlay(core.state, id, overlayId));
        return apiError(cause);
      }
    },
    async contact(id, change) {
      const asked = core.state.contacts.get(id);
      try {
        const saved = await core.api("PATCH /api/contacts/{id}", { id, body: change });
        if (asked && takeAnswer(core.state, core.state.contacts, id, asked, saved)) {
          const touched = nothingTouched();
          touched.contacts.add(id);
          core.publish(touched);
        }
        return null;
      } catch (cause) {
        return apiError(cause);
      }
    },
  };
  return changes;
}

/** What the hub will make of it (`hub/domain/src/change.rs`), as far as this page can know. */
export function patchOf(change: ConversationChange, row: ConversationRow): ConversationPatch {
  const {
    assignee: _one,
    assignees: _all,
    status: _status,
    snoozed_until: _until,
    snooze_stays: _stays,
    ...rest
  } = change;
  const { tags, ...same } = rest;
  return {
    ...same,
    ...(tags === undefined ? {} : { tags: [...new Set(tags.map((tag) => tag.trim()).filter(Boolean))].sort() }),
    ...assigned(change, row),
    ...moved(change, row),
  };
}

function assigned({ assignee, assignees }: ConversationChange, row: ConversationRow): ConversationPatch {
  if (assignee === null) return { assignees: [] };
  if (assignee !== undefined) {
    // The one before keeps no claim: to assign is to hand over. Others who were added stay.
    const others = assignees ?? row.assignees.slice(1);
    return { assignees: [...new Set([assignee, ...others])] };
  }
  return assignees === undefined ? {} : { assignees: [...new Set(assignees)] };
}

function moved(change: ConversationChange, row: ConversationRow): ConversationPatch {
  const { status, snoozed_until: until, snooze_stays: stays = false, place } = change;
  const stayed = stays === (row.snooze_stays ?? false) ? {} : { snooze_stays: stays };
  if (until !== undefined && (status === undefined || status === "snoozed"))
    return { status: "snoozed", snoozed_until: until, ...stayed };
  if (status === undefined || status === row.status) return {};
  return {
    status,
    snoozed_until: null,
    // Closing says that nobody needs to answer any more; opening again does not make the contact wait anew.
    ...(status === "closed" ? { waiting_since: null } : {}),
    // What is opened is worked with: it comes out of the archive, but not out of spam or trash.
    ...(status === "open" && row.place === "archived" && place === undefined ? { place: "inbox" as const } : {}),
  };
}

/** The change that takes this one back. */
export function inverse(change: ConversationChange, row: ConversationRow): ConversationChange {
  const back: ConversationChange = {};
  if (change.status !== undefined || change.snoozed_until !== undefined) {
    if (row.status === "snoozed" && row.snoozed_until !== null) {
      back.snoozed_until = row.snoozed_until;
      back.snooze_stays = row.snooze_stays ?? false;
    } else back.status = row.status;
  }
  if (change.assignees !== undefined || change.assignee !== undefined) back.assignees = row.assignees;
  if (change.team_id !== undefined) back.team_id = row.team_id;
  if (change.flagged !== undefined) back.flagged = row.flagged;
  if (change.priority !== undefined) back.priority = row.priority;
  if (change.tags !== undefined) back.tags = row.tags;
  if (change.place !== undefined || patchOf(change, row).place !== undefined) back.place = row.place;
  if (change.subject !== undefined) back.subject = row.subject;
  return back;
}
