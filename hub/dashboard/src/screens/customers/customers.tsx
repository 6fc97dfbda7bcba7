/** All customers that one sees, and of each a page of their own. */
import type { ContactId } from "@switchboard/protocol";
import { useKeys } from "../../keys/keys";
import { Part } from "../../parts/part";
import { customersPath, go } from "../../router";
import { FolderDrawer, Rail } from "../folders";
import { overlay } from "../overlay";
import { Overlays } from "../overlays";
import { CustomerList } from "./list";
import { Profile } from "./profile";
import "./customers.css";

interface CustomersProps {
  readonly words: string;
  readonly contact: ContactId | null;
}

export function Customers({ words, contact }: CustomersProps) {
  useKeys({
    Escape: () => go(contact === null ? "/inbox" : customersPath()),
    "Mod+k": () => {
      overlay.value = { kind: "palette" };
    },
    "?": () => {
      overlay.value = { kind: "help" };
    },
    o: () => {
      overlay.value = { kind: "goTo" };
    },
    "/": () => document.querySelector<HTMLElement>(".dk-customers [type=search]")?.focus(),
  });
  return (
    <div class="dk-page">
      <div class="dk-customers">
        <Rail />
        <main class="dk-customers__page">
          <div class="dk-customers__column">
            <Part key={contact}>
              {contact === null ? <CustomerList words={words} /> : <Profile key={contact} id={contact} />}
            </Part>
          </div>
        </main>
      </div>
      <FolderDrawer />
      <Overlays />
    </div>
  );
}
