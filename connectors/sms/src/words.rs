//! Why a message did not arrive, in words: <https://www.twilio.com/docs/api/errors>, the 30xxx and 63xxx that a status may
//! carry.

/// For an agent. `said` is what the provider says beside the code, if it does.
pub(crate) fn why(code: &str, said: Option<&str>) -> String {
    let code = code.trim();
    let known = match code {
        "30001" => "the provider's queue was full",
        "30002" => "the account at the provider is suspended",
        "30003" => "the phone is off, out of reach or does not exist",
        "30004" => "the recipient, or their carrier, does not take it",
        "30005" => "the number does not exist (any more)",
        "30006" => "a landline, or a carrier that cannot be reached",
        "30007" => "a carrier took it for spam or for a breach of its rules",
        "30008" => "no reason is known",
        "30009" => "a part of it was lost on the way",
        "30010" => "it costs more than the highest price that is set",
        "30011" => "the recipient's carrier does not take pictures",
        "30019" | "11751" => "a file in it is too large",
        "30022" | "30023" => "more was sent than the carriers allow for a day or a minute",
        "30032" | "30034" | "30035" => "our number is not registered with the carriers",
        "30036" => "it was not delivered in the time that was set for it",
        "30044" => "it is longer than the trial account may send",
        "30410" | "30453" => "a carrier did not answer in time",
        "30450" => "the provider took it for a repetition",
        "30454" => "the provider's limit for this number is reached",
        "21610" => "the recipient has unsubscribed (STOP)",
        "21614" => "not a mobile number",
        "21408" => "the account may not write to this country",
        "63003" => "there is nobody on this channel with that address",
        "63016" => "outside of the 24 hours that the channel allows; it wants a template",
        "63018" | "63038" => "more was sent than the channel allows",
        _ => "",
    };
    match (known, said.map(str::trim).filter(|said| !said.is_empty()), code) {
        ("", None, "" | "0") => "The provider gave no reason.".to_owned(),
        ("", None, code) => format!("The provider gave no reason (error {code})."),
        ("", Some(said), "" | "0") => format!("The provider says: {said}."),
        ("", Some(said), code) => format!("The provider says: {said} (error {code})."),
        (known, _, code) => format!("The provider says: {known} (error {code})."),
    }
}
