//! What another system says of a customer, made acceptable or refused with a sentence.

use jiff::civil::Date;
use switchboard_protocol::customers::{CardItem, CardRow, CardValue, SaveCard};
use switchboard_protocol::error::ApiError;
use switchboard_protocol::limits::{
    NAME_CHARS, OUTSIDE_CARD_CHARS, OUTSIDE_CARD_ITEMS, OUTSIDE_CARD_ROWS, OUTSIDE_CARD_VALUES, OUTSIDE_SOURCE_CHARS,
    URL_CHARS,
};

use crate::validate::Fields;

/// Beyond this a number is no longer whole in a browser: 2^53.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// The name of a system, as it stands in the address.
pub fn source(text: &str) -> Result<String, ApiError> {
    let fits = (1..=OUTSIDE_SOURCE_CHARS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if fits {
        return Ok(text.to_owned());
    }
    let sentence = format!("A system's name has 1 to {OUTSIDE_SOURCE_CHARS} letters, digits, - and _.");
    Err(ApiError::field("source", "invalid", sentence))
}

/// Trimmed and within bounds, or what is wrong with it.
pub fn checked(card: SaveCard) -> Result<SaveCard, ApiError> {
    let mut fields = Fields::new();
    let title = fields.name("title", &card.title);
    let link = card.link.map(|link| web_address(&mut fields, "link", &link));
    let outside_id = card.outside_id.map(|id| fields.bounded("outside_id", &id, 1, NAME_CHARS));
    most(&mut fields, "rows", card.rows.len(), OUTSIDE_CARD_ROWS);
    let rows = card.rows.into_iter().enumerate().map(|(place, row)| checked_row(&mut fields, place, row)).collect();
    fields.done()?;
    Ok(SaveCard { title, link, outside_id, rows })
}

fn checked_row(fields: &mut Fields, place: usize, row: CardRow) -> CardRow {
    let at = format!("rows.{place}");
    let label = fields.name(&format!("{at}.label"), &row.label);
    if row.value.is_some() != row.items.is_empty() {
        fields.wrong(&at, "invalid", "A row has a value or items.");
    }
    most(fields, &format!("{at}.items"), row.items.len(), OUTSIDE_CARD_ITEMS);
    let value = row.value.map(|value| checked_value(fields, &format!("{at}.value"), value));
    let items = row.items.into_iter().enumerate();
    let items = items.map(|(place, item)| checked_item(fields, &format!("{at}.items.{place}"), item)).collect();
    CardRow { label, value, items }
}

fn checked_item(fields: &mut Fields, at: &str, item: CardItem) -> CardItem {
    most(fields, &format!("{at}.values"), item.values.len(), OUTSIDE_CARD_VALUES);
    CardItem {
        title: fields.bounded(&format!("{at}.title"), &item.title, 1, OUTSIDE_CARD_CHARS),
        link: item.link.map(|link| web_address(fields, &format!("{at}.link"), &link)),
        values: item
            .values
            .into_iter()
            .enumerate()
            .map(|(place, value)| checked_value(fields, &format!("{at}.values.{place}"), value))
            .collect(),
    }
}

fn checked_value(fields: &mut Fields, at: &str, value: CardValue) -> CardValue {
    let mut in_bounds = |field: &str, number: f64| {
        if !(number.is_finite() && number.abs() <= LARGEST) {
            fields.wrong(&format!("{at}.{field}"), "invalid", "This number is too large.");
        }
        number
    };
    match value {
        CardValue::Number { number } => CardValue::Number { number: in_bounds("number", number) },
        CardValue::Money { amount, currency } => {
            let amount = in_bounds("amount", amount);
            let currency = currency.to_ascii_uppercase();
            if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
                fields.wrong(&format!("{at}.currency"), "invalid", "A currency looks like EUR.");
            }
            CardValue::Money { amount, currency }
        }
        CardValue::Text { text, link } => CardValue::Text {
            text: fields.bounded(&format!("{at}.text"), &text, 1, OUTSIDE_CARD_CHARS),
            link: link.map(|link| web_address(fields, &format!("{at}.link"), &link)),
        },
        CardValue::Date { date } => {
            // As it is written in one way only.
            if date.parse::<Date>().ok().is_none_or(|day| day.to_string() != date) {
                fields.wrong(&format!("{at}.date"), "invalid", "A day looks like 2027-12-25.");
            }
            CardValue::Date { date }
        }
        CardValue::Badge { text, tone } => CardValue::Badge { text: fields.name(&format!("{at}.text"), &text), tone },
    }
}

/// It becomes a link that people press: nothing that a browser would run.
fn web_address(fields: &mut Fields, at: &str, link: &str) -> String {
    let link = fields.bounded(at, link, 1, URL_CHARS);
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    if rest.is_none_or(|rest| rest.is_empty() || link.chars().any(|c| c.is_whitespace() || c.is_control())) {
        fields.wrong(at, "invalid", "A link begins with https://.");
    }
    link
}

fn most(fields: &mut Fields, at: &str, count: usize, most: usize) {
    if count > most {
        fields.wrong(at, "too_many", format!("At most {most}."));
    }
}
