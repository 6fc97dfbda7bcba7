// What the gallery shows, in its order.

import type { ComponentType } from "preact";

import { Buttons, Faces, Fields, Marks } from "./controls";
import { ComposerStates, Files, MessageStates, RowStates, SystemLines } from "./conversation";
import { Desk } from "./desk";
import { Dialogs, Menus, Tips } from "./floating";
import { PanelStates } from "./panel";
import { Banners, EmptyStates, Loading, ToastStates, Typing } from "./states";
import { Colours, TypeScale } from "./tokens";

export const SCENES: readonly { readonly title: string; readonly Scene: ComponentType }[] = [
  { title: "Desk", Scene: Desk },
  { title: "Chat panel", Scene: PanelStates },
  { title: "Colours", Scene: Colours },
  { title: "Type", Scene: TypeScale },
  { title: "Buttons", Scene: Buttons },
  { title: "Fields", Scene: Fields },
  { title: "Faces and presence", Scene: Faces },
  { title: "Tags, delivery, keys", Scene: Marks },
  { title: "Conversation rows", Scene: RowStates },
  { title: "Messages", Scene: MessageStates },
  { title: "System lines", Scene: SystemLines },
  { title: "Composer", Scene: ComposerStates },
  { title: "Files", Scene: Files },
  { title: "Typing", Scene: Typing },
  { title: "Menus", Scene: Menus },
  { title: "Dialogs", Scene: Dialogs },
  { title: "Tooltips", Scene: Tips },
  { title: "Banners", Scene: Banners },
  { title: "Toasts", Scene: ToastStates },
  { title: "Nothing here", Scene: EmptyStates },
  { title: "Loading", Scene: Loading },
];
