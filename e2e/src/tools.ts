type Tool =
  | "KOSOKU"
  | "SCHEMATHESIS"
  | "OPENAPI_SPEC_VALIDATOR"
  | "MAILS_OF_CPYTHON"
  | "MAILS_OF_MAIL_PARSER"
  | "MAILS_OF_TALON"
  | "PYTHON_TELEGRAM_BOT"
  | "PYTHON_TELEGRAM_BOT_EXAMPLES"
  | "TELOXIDE_EXAMPLES"
  | "AIOGRAM"
  | "GRAMMY"
  | "TELEGRAF";

/** Other people's tools, whose paths `./dev test` hands over once it has installed them. */
export function tool(variable: Tool): string {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set: run these by ./dev test`);
  return path;
}
