//! The CRM's word lists, open and closed. Words are stored as sent; these enums are their normalised values, without case. An
//! unlisted word becomes `Other` and can still be filtered by its raw value.

/// The platform of a message if neither `platform` nor a channel id identifies it.
pub const UNKNOWN_PLATFORM: &str = "unknown";

/// A word in its normalised form: trimmed, in lower case.
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
            /// The listed words with their values, in the order of the list.
            pub const LISTED: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)+];

            /// The value of a word as sent.
            pub fn of(word: &str) -> Self {
                let key = key(word);
                Self::LISTED.iter().find(|(listed, _)| *listed == key).map_or(Self::Other, |(_, reading)| *reading)
            }

            /// The listed word of this value, or `other`: the form used in filters and groups.
            pub fn word(self) -> &'static str {
                Self::LISTED.iter().find(|(_, reading)| *reading == self).map_or("other", |(word, _)| word)
            }
        }
    };
}

words! {
    /// The platform of a conversation.
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
    /// The type of a message's content.
    MessageType {
        /// Text
        Text = "text",
        /// An image
        Image = "image",
        /// An audio recording
        Audio = "audio",
        /// A video
        Video = "video",
        /// A file
        File = "file",
        /// A sticker
        Sticker = "sticker",
        /// A location
        Location = "location",
        /// A link
        Link = "link",
    }
}

words! {
    /// Who can see a conversation in the CRM.
    ChatMode {
        /// The whole team
        Public = "public",
        /// Assigned staff only
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
    /// Its sort rank: higher is more urgent, `Other` is lowest.
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
    /// The progress of a ticket.
    TicketStatus {
        /// Being worked on
        Process = "process",
        /// Done
        Done = "done",
        /// Cancelled
        Cancel = "cancel",
    }
}

words! {
    /// The kind of a message's channel. The words are those stored.
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
    /// The platform of such a channel, for messages that don't name one.
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

    /// The word it is stored as.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, unit)| *unit == self).map_or("", |(word, _)| word)
    }

    /// Parses a stored word.
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
