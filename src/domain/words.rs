//! The words of the CRM's open and closed lists. Each is kept as it was sent; these enums are its reading, without case.
//! A word that nobody listed reads as `Other` and can still be filtered by the raw value.

/// The platform of a message when neither `platform` nor a channel id tells it.
pub const UNKNOWN_PLATFORM: &str = "unknown";

/// A word as it is compared: trimmed, lower case.
pub fn key(word: &str) -> String {
    word.trim().to_lowercase()
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A word that is not in the CRM's list.
            Other,
        }

        impl $name {
            /// The listed words with their readings, in the order of the list.
            pub const LISTED: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)+];

            /// The reading of a word as it was sent.
            pub fn of(word: &str) -> Self {
                let key = key(word);
                Self::LISTED.iter().find(|(listed, _)| *listed == key).map_or(Self::Other, |(_, reading)| *reading)
            }

            /// The listed word of this reading, `other` for what is not listed: what filters and groups compare.
            pub fn word(self) -> &'static str {
                Self::LISTED.iter().find(|(_, reading)| *reading == self).map_or("other", |(word, _)| word)
            }
        }
    };
}

words! {
    /// Where a conversation takes place.
    Platform {
        /// Zalo
        Zalo = "zalo",
        /// Facebook
        Facebook = "facebook",
        /// Live chat on a web site
        Web = "web",
        /// E-mail
        Email = "email",
    }
}

words! {
    /// What a message carries.
    MessageType {
        /// Text
        Text = "text",
        /// An image
        Image = "image",
        /// A sound
        Audio = "audio",
        /// A film
        Video = "video",
        /// A file
        File = "file",
        /// A sticker
        Sticker = "sticker",
        /// A place
        Location = "location",
        /// A link
        Link = "link",
    }
}

words! {
    /// Who may see a conversation.
    ChatMode {
        /// Everyone in the team
        Public = "public",
        /// Those it is assigned to
        Private = "private",
    }
}

words! {
    /// How urgent a ticket is.
    TicketLevel {
        /// Low
        Low = "low",
        /// Medium
        Medium = "medium",
        /// High
        High = "high",
    }
}

impl TicketLevel {
    /// Its place when tickets are ordered by level: the higher the more urgent, `Other` lowest.
    pub const fn rank(self) -> i32 {
        match self {
            Self::Other => 0,
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
        }
    }
}

words! {
    /// Where a ticket stands.
    TicketStatus {
        /// Being worked on
        Process = "process",
        /// Done
        Done = "done",
        /// Called off
        Cancel = "cancel",
    }
}

words! {
    /// Which kind of channel a message came through: the words are the stored ones.
    ChannelKind {
        /// `oa_id`: a Zalo Official Account
        ZaloOa = "zalo_oa",
        /// `page_id`: a Facebook page
        FacebookPage = "facebook_page",
        /// `website_id`: a live chat site
        Website = "website",
        /// `sendgrid_id`: an e-mail sender
        EmailSender = "email_sender",
    }
}

impl ChannelKind {
    /// The platform such a channel belongs to, for messages that do not name one.
    pub const fn platform(self) -> &'static str {
        match self {
            Self::ZaloOa => "zalo",
            Self::FacebookPage => "facebook",
            Self::Website => "web",
            Self::EmailSender => "email",
            Self::Other => UNKNOWN_PLATFORM,
        }
    }
}

/// The unit of a reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReminderUnit {
    /// `Phút`
    Minute,
    /// `Giờ`
    Hour,
    /// `Ngày`
    Day,
}

impl ReminderUnit {
    const WORDS: [(&'static str, Self); 3] = [("minute", Self::Minute), ("hour", Self::Hour), ("day", Self::Day)];

    /// The word by which it is stored.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, unit)| *unit == self).map_or("", |(word, _)| word)
    }

    /// The unit with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(other, _)| *other == word).map(|(_, unit)| *unit)
    }

    /// Its length in milliseconds.
    pub const fn as_millis(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ChannelKind, Platform, TicketLevel};

    #[test]
    fn words_are_read_without_case_and_unlisted_ones_are_other() {
        assert_eq!(Platform::of(" Zalo "), Platform::Zalo);
        assert_eq!(Platform::of("telegram"), Platform::Other);
        assert_eq!(TicketLevel::of("HIGH"), TicketLevel::High);
        assert_eq!(ChannelKind::of(ChannelKind::Website.word()), ChannelKind::Website);
    }

    #[test]
    fn an_unlisted_level_ranks_lowest() {
        assert!(TicketLevel::Other.rank() < TicketLevel::Low.rank());
    }
}
