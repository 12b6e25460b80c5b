//! The posted messages: a new one each time, in Vietnamese, in the CRM's format.
//!
//! A template is filled in, so that the load takes little CPU time. The text varies by a few words and a number, so that the
//! word indexes have work to do.

use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::{Rng, SeedableRng, rngs::SmallRng, seq::IndexedRandom};

/// The characters that `encodeURIComponent` encodes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The number of messages in a conversation.
const CONVERSATION: u32 = 20;

/// The time of the first message, in milliseconds, and the time between the first messages of two runs.
const START_MS: u64 = 1_758_791_400_000;
const RUN_MS: u64 = 3_600_000;

const BEGINNINGS: [&str; 6] = ["Chào shop", "Shop ơi", "Em ơi", "Dạ shop cho mình hỏi", "Alo shop", "Mình cần gấp"];
const THINGS: [&str; 12] = [
    "hoa hồng đỏ",
    "hoa hướng dương",
    "lan hồ điệp",
    "hoa cẩm tú cầu",
    "bó tulip trắng",
    "giỏ hoa sinh nhật",
    "kệ hoa khai trương",
    "hoa cưới",
    "chậu sen đá",
    "hoa baby xanh",
    "lẵng hoa ly",
    "hoa mẫu đơn",
];
const PLACES: [&str; 8] = ["Quận 3", "Thủ Đức", "Bình Thạnh", "Gò Vấp", "Cầu Giấy", "Hải Châu", "Ninh Kiều", "Biên Hòa"];
const ENDINGS: [&str; 6] =
    ["bao giờ giao?", "còn hàng không?", "giá bao nhiêu vậy?", "đổi địa chỉ được không?", "giao trước 5 giờ nhé", "cảm ơn shop"];

/// The messages of one poster in one run.
pub(crate) struct Messages {
    run: u32,
    poster: u32,
    written: u32,
    words: SmallRng,
    text: String,
    body: String,
}

impl Messages {
    pub(crate) fn new(run: u32, poster: u32) -> Self {
        let words = SmallRng::seed_from_u64(u64::from(run) << 32 | u64::from(poster));
        Self { run, poster, written: 0, words, text: String::new(), body: String::new() }
    }

    /// The next message as JSON.
    pub(crate) fn next(&mut self) -> &str {
        let Self { run, poster, written: n, .. } = *self;
        let words = &mut self.words;
        let mut word = |list: &[&'static str]| *list.choose(words).unwrap();
        let (beginning, thing, place, ending) = (word(&BEGINNINGS), word(&THINGS), word(&PLACES), word(&ENDINGS));
        let order: u32 = self.words.random_range(1000..10_000);
        self.text.clear();
        write!(self.text, "{beginning}, đơn DH-{order} {thing} giao {place}, {ending}").unwrap();
        let text = utf8_percent_encode(&self.text, ENCODED);
        let conversation = n / CONVERSATION;
        let time_ms = START_MS + u64::from(run) * RUN_MS + u64::from(n);
        let time = time_ms / 1000;
        self.body.clear();
        write!(
            self.body,
            r#"{{"conversation_id":"c-{run}-{poster}-{conversation}","message_id":"m-{run}-{poster}-{n}","platform":"zalo","message":"{text}","type":"text","time":{time_ms},"time_create_at":{time},"from_id":"77{poster}","from_display_name":"Nguyễn Thị Mai","to_id":"2873219003322110","oa_id":"2873219003322110","is_platform_sender":0,"is_read":0,"is_read_by_staff":["64d1f0000000000000000101"],"assign_by":["64d1f0000000000000000101"],"is_closed":0}}"#
        )
        .unwrap();
        self.written += 1;
        &self.body
    }
}
