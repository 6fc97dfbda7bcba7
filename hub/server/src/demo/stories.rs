//! What the demo's customers write about, in five languages. Nobody in it exists.

/// A line of a conversation.
pub enum Line {
    /// The customer says.
    Says(&'static str),
    /// An agent answers.
    Answers(&'static str),
    /// An agent notes, for colleagues.
    Notes(&'static str),
}

use Line::{Answers, Notes, Says};

pub struct Language {
    /// BCP 47.
    pub tag: &'static str,
    pub names: &'static [&'static str],
    pub stories: &'static [Story],
}

pub struct Story {
    pub tag: &'static str,
    /// Path of the shop's page on which it began.
    pub page: &'static str,
    pub lines: &'static [Line],
}

pub const LANGUAGES: [&Language; 5] = [&ENGLISH, &DUTCH, &FRENCH, &NORWEGIAN, &ARABIC];

const ENGLISH: Language = Language {
    tag: "en",
    names: &[
        "Maya Thornton",
        "Oliver Grant",
        "Priya Raman",
        "Callum Reid",
        "Sofia Bennett",
        "Jonah Whitaker",
        "Amara Osei",
        "Ruth Calloway",
    ],
    stories: &[
        Story {
            tag: "sizing",
            page: "/demo/",
            lines: &[
                Says("Hi! Does the Havgap jacket run small? I'm usually between M and L."),
                Answers(
                    "Hello! It is cut for a thin layer underneath, so between sizes we would take the L. Are you planning to wear fleece below it?",
                ),
                Says("Yes, a light one. L it is then, thank you!"),
                Answers("Good choice. And if it is not right, you have 60 days to swap it."),
            ],
        },
        Story {
            tag: "delivery",
            page: "/demo/delivery",
            lines: &[
                Says("My parcel says 'out for delivery' since Tuesday. Order 20418. Can you see where it is?"),
                Notes("Carrier shows it stuck at the Utrecht depot. Opened a trace, they answer within a day."),
                Answers(
                    "Thanks for the number. It was missorted at the depot; I have asked the carrier to pull it out today. You will get a new delivery time by mail this afternoon.",
                ),
            ],
        },
        Story {
            tag: "repair",
            page: "/demo/returns",
            lines: &[
                Says("The zip on my pack broke after two years. Is that something you fix?"),
                Answers("We do, for as long as we can get the parts. Could you send us a photo of it?"),
                Says("Will do tonight when I'm home."),
            ],
        },
        Story { tag: "stock", page: "/demo/", lines: &[Says("When will the cooking pot be back in stock?")] },
        Story {
            tag: "invoice",
            page: "/demo/delivery",
            lines: &[
                Says("Hello, could I get an invoice with our VAT number on it? Order 20377."),
                Answers("Of course. Which number should be on it?"),
                Says("GB 123 4567 89, thanks."),
                Answers("Done: it is on its way to your mailbox."),
                Says("Got it. That was quick 👍"),
            ],
        },
    ],
};

const DUTCH: Language = Language {
    tag: "nl",
    names: &["Sanne de Wit", "Joris van Dalen", "Fatima El Idrissi", "Bram Hoekstra", "Lotte Vermeer", "Daan Kuipers"],
    stories: &[
        Story {
            tag: "retour",
            page: "/demo/returns",
            lines: &[
                Says(
                    "Goedemiddag, ik wil mijn jas ruilen voor een maat kleiner. Moet ik de retourkosten zelf betalen?",
                ),
                Answers(
                    "Goedemiddag! Nee hoor, het label uit de mail is gefrankeerd. Zal ik de kleinere maat alvast voor u apart houden?",
                ),
                Says("Heel graag, maat S in het groen."),
                Answers("Die ligt klaar. Zodra uw pakket gescand is, gaat hij de deur uit."),
            ],
        },
        Story {
            tag: "levering",
            page: "/demo/delivery",
            lines: &[
                Says("Wordt er ook op zaterdag bezorgd in Groningen?"),
                Answers("Ja, als u vrijdag voor 16:00 bestelt."),
            ],
        },
        Story {
            tag: "advies",
            page: "/demo/",
            lines: &[
                Says("Past een 13-inch laptop in de Vidde rugzak? En blijft die droog?"),
                Notes("Nagemeten: vak is 34 × 24 cm, past. Waterdicht is alleen het hoofdvak."),
                Answers(
                    "Ja, tot 34 bij 24 centimeter. Het hoofdvak is waterdicht, het voorvak niet: daar dus geen laptop in.",
                ),
            ],
        },
        Story {
            tag: "betaling",
            page: "/demo/",
            lines: &[Says("Mijn betaling is twee keer afgeschreven, kunnen jullie kijken?")],
        },
    ],
};

const FRENCH: Language = Language {
    tag: "fr",
    names: &["Camille Laurent", "Théo Mercier", "Inès Benali", "Hugo Lefèvre", "Élodie Roussel"],
    stories: &[
        Story {
            tag: "livraison",
            page: "/demo/delivery",
            lines: &[
                Says("Bonjour, livrez-vous en Corse ? Et sous combien de jours ?"),
                Answers("Bonjour ! Oui, comptez quatre jours ouvrés. Le tarif est le même que sur le continent."),
                Says("Parfait, merci beaucoup !"),
            ],
        },
        Story {
            tag: "taille",
            page: "/demo/",
            lines: &[
                Says("J’hésite entre le 38 et le 40 pour la veste. Je mesure 1 m 72."),
                Answers("La coupe est assez droite : à 1 m 72, le 40 laisse la place d’un pull."),
            ],
        },
        Story {
            tag: "réparation",
            page: "/demo/returns",
            lines: &[
                Says("La poignée de ma marmite s’est dévissée. Où puis-je trouver la pièce ?"),
                Notes("Pièce PB-07, il en reste 14 au dépôt."),
                Answers("Nous vous l’envoyons gratuitement. Pouvez-vous me confirmer votre adresse ?"),
                Says("12 rue des Tilleuls, 69003 Lyon. Merci pour votre aide."),
            ],
        },
        Story {
            tag: "facture", page: "/demo/", lines: &[Says("Je n’ai pas reçu la facture de ma commande 20391.")]
        },
    ],
};

const NORWEGIAN: Language = Language {
    tag: "nb",
    names: &["Ingrid Solheim", "Lars Bakken", "Nora Aasen", "Sindre Myhre", "Kari Østby"],
    stories: &[
        Story {
            tag: "råd",
            page: "/demo/",
            lines: &[
                Says("Hei! Tåler skalljakka ekte vestlandsregn?"),
                Answers("Hei! Den er testet i Bergen, så ja. Husk å impregnere den én gang i året."),
                Says("Haha, da er det godt nok for meg 😄"),
            ],
        },
        Story {
            tag: "levering",
            page: "/demo/delivery",
            lines: &[
                Says("Kan pakken sendes til et hentested på Røros?"),
                Answers("Ja, velg «hentested» i kassen, så kommer butikkene i nærheten opp."),
            ],
        },
        Story {
            tag: "retur",
            page: "/demo/returns",
            lines: &[
                Says("Jeg finner ikke returlappen. Kan jeg få en ny?"),
                Answers("Selvfølgelig, den er sendt til e-posten din nå."),
                Says("Takk, fant den!"),
            ],
        },
        Story { tag: "lager", page: "/demo/", lines: &[Says("Får dere inn Bål-gryta før påske?")] },
    ],
};

const ARABIC: Language = Language {
    tag: "ar",
    names: &["ليلى حداد", "يوسف المصري", "نور الخطيب", "سامي درويش", "هالة منصور"],
    stories: &[
        Story {
            tag: "شحن",
            page: "/demo/delivery",
            lines: &[
                Says("مرحبا، هل تشحنون إلى عمّان؟ وكم تستغرق المدة؟"),
                Answers("أهلًا بك! نعم، من خمسة إلى سبعة أيام عمل، والتتبّع متاح طوال الطريق."),
                Says("ممتاز، شكرًا جزيلًا."),
            ],
        },
        Story {
            tag: "مقاسات",
            page: "/demo/",
            lines: &[
                Says("طولي 180 سم، أي مقاس من السترة يناسبني؟"),
                Answers("المقاس L مناسب، وإن كنت ترتدي كنزة تحته فاختر XL."),
            ],
        },
        Story {
            tag: "إرجاع",
            page: "/demo/returns",
            lines: &[
                Says("وصلتني الحقيبة بلون مختلف عن الطلب رقم 20402."),
                Notes("الخطأ من المستودع، نرسل اللون الصحيح دون انتظار الإرجاع."),
                Answers("نعتذر عن الخطأ! سنرسل لك اللون الصحيح اليوم، ويمكنك إرجاع الأخرى مجانًا."),
                Says("شكرًا على سرعة الرد."),
            ],
        },
        Story { tag: "دفع", page: "/demo/", lines: &[Says("هل يمكن الدفع عند الاستلام؟")] },
    ],
};
