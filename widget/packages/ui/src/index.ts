// Everything at once, for pages that use most of it. A page that counts its bytes imports piece by piece:
// "@switchboard/ui/button".

export * from "./components/attachment-tile";
export * from "./components/avatar";
export * from "./components/badge";
export * from "./components/banner";
export * from "./components/button";
export * from "./components/checkbox";
export * from "./components/composer";
export * from "./components/conversation-row";
export * from "./components/day-line";
export * from "./components/delivery-mark";
export * from "./components/dialog";
export * from "./components/empty-state";
export * from "./components/field";
export * from "./components/growing-area";
export * from "./components/icon";
export * from "./components/icon-button";
export * from "./components/kbd";
export * from "./components/menu";
export * from "./components/message-item";
export * from "./components/moment";
export * from "./components/popover";
export * from "./components/presence";
export * from "./components/skeleton";
export * from "./components/system-line";
export * from "./components/tabs";
export * from "./components/tag";
export * from "./components/text";
export * from "./components/toast";
export * from "./components/tooltip";
export * from "./components/typing";
export * from "./components/unseen";
