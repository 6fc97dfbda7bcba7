/** A part of the page that may fail by itself: the rest stands, and in its place it says so. */
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { Component, type ComponentChildren } from "preact";
import "./part.css";

interface PartProps {
  readonly children: ComponentChildren;
}

export class Part extends Component<PartProps, { readonly broken: boolean }> {
  override state = { broken: false };

  override componentDidCatch(error: unknown): void {
    // To the console, as if nobody had caught it.
    reportError(error);
    this.setState({ broken: true });
  }

  override render() {
    if (!this.state.broken) return <>{this.props.children}</>;
    return (
      <div class="dk-broken" role="alert">
        <span>{t("error.show")}</span>
        <Button size="small" onClick={() => this.setState({ broken: false })}>
          {t("action.retry")}
        </Button>
      </div>
    );
  }
}
