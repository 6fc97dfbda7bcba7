// Everything at once, for pages that use most of it. A page that counts its bytes imports piece by piece:
// "@switchboard/ui/button".

export * from "./components/avatar";
export * from "./components/button";
export * from "./components/icon";
export * from "./components/icon-button";
export * from "./components/kbd";
export * from "./components/presence";
export * from "./components/tooltip";
