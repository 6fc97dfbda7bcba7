//! What the demo's customers write by mail, SMS and Telegram, and what they are answered. Nobody in it exists: the numbers and
//! domains are of blocks that are given to nobody.

use Step::{Album, Answers, Mail, Notes, Returns, Writes};

use super::channels::{MAIL, SMS, TELEGRAM};

/// Of a conversation.
pub enum Step {
    /// A mail comes, as it stands: `{{answered}}` is the Message-ID of the last answer, `{{tomorrow}}` a day, and `{{pot.png}}`
    /// a picture in Base64.
    Mail(&'static str),
    /// A message comes, with pictures.
    Writes(&'static str, &'static [&'static str]),
    /// Pictures come as one message that their channel brings in parts.
    Album(&'static str, &'static [&'static str]),
    /// An agent answers.
    Answers(&'static str),
    /// An agent notes, for colleagues.
    Notes(&'static str),
    /// The last answer did not arrive: why.
    Returns(&'static str),
}

pub struct Scene {
    /// Place of the inbox among the demo's.
    pub inbox: usize,
    pub who: Who,
    /// Which of the demo's people takes it.
    pub agent: usize,
    pub tag: &'static str,
    /// It began so many minutes ago, and each step comes so many after the one before.
    pub ago: i64,
    pub pause: i64,
    pub closed: bool,
    pub steps: &'static [Step],
}

/// As the provider knows them.
pub struct Who {
    pub key: &'static str,
    /// By which people know them, if that is not the key.
    pub address: Option<&'static str>,
    pub name: Option<&'static str>,
    pub language: Option<&'static str>,
}

const fn who(key: &'static str) -> Who {
    Who { key, address: None, name: None, language: None }
}

/// The one who writes by mail and by text message, whom the team has found out to be one person.
pub const TWICE: [(usize, &str); 2] = [(MAIL, "nadia.ferrante@example.com"), (SMS, "+447700900187")];

/// In the order in which they are written.
pub const SCENES: [Scene; 9] = [
    Scene {
        inbox: MAIL,
        who: who("b.okafor@example.org"),
        agent: 0,
        tag: "invoice",
        ago: 1_700,
        pause: 35,
        closed: false,
        steps: &[
            Mail(include_str!("mails/invoice.eml")),
            Answers(
                "Good morning Mr Okafor,\n\nof course: the invoice with your VAT number goes out again today.\n\nBest regards\nAstrid, Fjord & Field",
            ),
            Returns("550 5.2.2 <b.okafor@example.org>: the mailbox is full"),
            Notes("The mail came back. Is there a telephone number on the order?"),
        ],
    },
    Scene {
        inbox: TELEGRAM,
        who: Who { key: "demo-1002", address: Some("@joris_vd"), name: Some("Joris van Dalen"), language: Some("nl") },
        agent: 1,
        tag: "levering",
        ago: 1_300,
        pause: 6,
        closed: true,
        steps: &[
            Writes("Hoi! Is bestelling 20409 al onderweg?", &[]),
            Answers("Hoi Joris! Ja, hij is vanmiddag opgehaald en komt morgen tussen 10 en 12."),
            Writes("Top, dan ben ik thuis 👍", &[]),
        ],
    },
    Scene {
        inbox: SMS,
        who: who("+447700900121"),
        agent: 2,
        tag: "delivery",
        ago: 900,
        pause: 4,
        closed: true,
        steps: &[
            Writes("Can I still change the delivery address of order 20428?", &[]),
            Answers("Yes, until 4 pm today. What should it be?"),
            Writes("22 Mill Lane, Otley LS21 1BQ. Thanks!", &[]),
            Answers("Changed. It arrives there on Thursday."),
        ],
    },
    Scene {
        inbox: MAIL,
        who: who("tobias@lindqvist-outdoor.example"),
        agent: 0,
        tag: "partners",
        ago: 430,
        pause: 20,
        closed: false,
        steps: &[
            Mail(include_str!("mails/invitation.eml")),
            Notes("I can go. The green samples were too dark last time."),
        ],
    },
    Scene {
        inbox: MAIL,
        who: who(TWICE[0].1),
        agent: 3,
        tag: "exchange",
        ago: 260,
        pause: 12,
        closed: false,
        steps: &[
            Mail(include_str!("mails/colours.eml")),
            Answers("Hello Nadia,\n\nnot at all: I have changed it to green. It leaves us tomorrow.\n\nJules"),
        ],
    },
    Scene {
        inbox: SMS,
        who: who(TWICE[1].1),
        agent: 3,
        tag: "exchange",
        ago: 180,
        pause: 9,
        closed: false,
        steps: &[
            Writes("Nadia here, about the jacket: is the green one the same price?", &[]),
            Answers("Hello Nadia! Yes, to the penny."),
            Writes("Perfect. I'm at work until six, so please leave it with the neighbours.", &[]),
        ],
    },
    Scene {
        inbox: MAIL,
        who: who("harriet.quayle@example.com"),
        agent: 2,
        tag: "repair",
        ago: 120,
        pause: 31,
        closed: false,
        steps: &[
            Mail(include_str!("mails/pot.eml")),
            Answers(
                "Dear Harriet,\n\nwe are sorry about the soup. The pot itself never breaks, so we send you two new rivets and a washer for nothing.\n\nYasmin, Fjord & Field service",
            ),
            Mail(include_str!("mails/pot_again.eml")),
        ],
    },
    Scene {
        inbox: SMS,
        who: who("+447700900142"),
        agent: 2,
        tag: "repair",
        ago: 48,
        pause: 7,
        closed: false,
        steps: &[
            Writes("My Vidde pack tore along the zip. This is how it looks:", &["pack.png"]),
            Answers("Thank you for the picture. That is a seam we can sew: send it in, and it is back within a week."),
            Writes("Great! Does the label from the parcel still work?", &[]),
        ],
    },
    Scene {
        inbox: TELEGRAM,
        who: Who { key: "demo-1001", address: Some("@ines_moreau"), name: Some("Inès Moreau"), language: Some("fr") },
        agent: 3,
        tag: "conseil",
        ago: 25,
        pause: 5,
        closed: false,
        steps: &[
            Album(
                "Bonjour ! Laquelle tient le mieux la pluie ?",
                &["jacket-green.png", "jacket-blue.png", "jacket-rust.png"],
            ),
            Answers("Bonjour Inès ! Les trois sont du même tissu : prenez la couleur qui vous plaît."),
            Writes("Alors la rouille. Merci 😊", &[]),
        ],
    },
];
