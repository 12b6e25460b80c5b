//! The demo's tickets: what they are about, and how they are worked on until they are done, called off or overdue.
//! Knows the vocabulary and chance; who the customer is and what a payload looks like is settled elsewhere.

use super::{dice::Dice, talk::Deal, words};

const MINUTE_MS: i64 = 60_000;

/// A sort of ticket: the CRM's type id, titles, descriptions.
struct Kind {
    id: &'static str,
    titles: &'static str,
    descriptions: &'static str,
}

const KINDS: [Kind; 5] = [
    Kind {
        id: "tt-giao-hang",
        titles: "Đơn {don} giao chậm|Theo dõi giao đơn {don}|Hẹn lại giờ giao đơn {don}",
        descriptions: "Khách hỏi thời gian giao tới {quan}, chưa có mã vận đơn|Giao {gio} {ngay} tới {diachi}, gọi trước khi giao|Khách cần gấp, báo lại cho khách khi hàng rời kho",
    },
    Kind {
        id: "tt-doi-tra",
        titles: "Đổi {p} sang {p2}|Đổi trả đơn {don}",
        descriptions: "Khách muốn đổi {p} sang {p2}, hàng còn nguyên tem|Lấy hàng cũ ở {quan}, giao hàng mới cùng chuyến",
    },
    Kind {
        id: "tt-khieu-nai",
        titles: "Khiếu nại đơn {don}: hàng hư hỏng|Khách phản ánh chất lượng {p}|Đơn {don} sai sản phẩm",
        descriptions: "Khách gửi ảnh {p} bị hỏng khi nhận, yêu cầu đổi mới|Kho lấy nhầm {p2}, cần xin lỗi và giao lại {p}|Khách chờ phản hồi trong ngày",
    },
    Kind {
        id: "tt-bao-gia",
        titles: "Báo giá {sl} {p}|Hóa đơn đơn {don}",
        descriptions: "Khách công ty cần báo giá có VAT, giao {ngay} tại {quan}|Xuất lại hóa đơn điện tử {tong}, gửi qua e-mail",
    },
    Kind {
        id: "tt-cham-soc",
        titles: "Gọi chăm sóc sau mua đơn {don}|Nhắc khách đặt hoa định kỳ|Viết thiệp cho đơn {don}",
        descriptions: "Hỏi khách có hài lòng với {p} không|Khách hay đặt {p} vào {ngay}, nhắn trước một ngày|Khách gửi lời chúc sau, nhớ in kèm thiệp",
    },
];

/// What a ticket will say, before it has a number.
pub(super) struct Matter {
    kind: usize,
    title: String,
    description: String,
}

/// A matter of the given kind in the words of a deal.
pub(super) fn matter(dice: &mut Dice, deal: &Deal, kind: usize) -> Matter {
    let title = deal.fill(dice, KINDS[kind].titles);
    let description = deal.fill(dice, KINDS[kind].descriptions);
    Matter { kind, title, description }
}

/// A ticket as the CRM holds it. Times are milliseconds, the visible ones whole seconds.
pub(super) struct Ticket {
    /// `TK-000731`
    pub(super) number: u64,
    /// The object id, which its first payload does not carry.
    pub(super) id: String,
    pub(super) person: usize,
    pub(super) type_id: &'static str,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) level: &'static str,
    pub(super) status: &'static str,
    pub(super) employee: usize,
    pub(super) creator: usize,
    pub(super) created_at: i64,
    pub(super) due_at: i64,
    pub(super) updated_at: i64,
    /// Amount and unit of the reminder, with the unit in minutes.
    pub(super) reminder: (i64, &'static str, i64),
    pub(super) files: Vec<String>,
    pub(super) is_deleted: bool,
}

impl Ticket {
    /// A ticket opened now.
    pub(super) fn open(
        dice: &mut Dice,
        (number, id): (u64, String),
        person: usize,
        matter: Matter,
        creator: usize,
        at: i64,
    ) -> Self {
        let created_at = at - at.rem_euclid(1000);
        let level = if matter.kind == 2 {
            dice.weighted(&[(60, "high"), (35, "medium"), (5, "low")])
        } else {
            dice.weighted(&[(15, "high"), (50, "medium"), (35, "low")])
        };
        let due_in_hours = match level {
            "high" => dice.weighted(&[(30, 4), (50, 24), (20, 48)]),
            "medium" => dice.weighted(&[(40, 24), (40, 48), (20, 72)]),
            _ => dice.weighted(&[(30, 48), (40, 72), (30, 168)]),
        };
        Self {
            files: if dice.chance(300) {
                vec![format!("https://files.example/tk-{number:06}.{}", dice.pick(&["pdf", "jpg"]))]
            } else {
                Vec::new()
            },
            number,
            id,
            person,
            type_id: KINDS[matter.kind].id,
            title: matter.title,
            description: matter.description,
            level,
            status: "process",
            employee: if dice.chance(400) { creator } else { dice.below(words::STAFF.len()) },
            creator,
            created_at,
            due_at: created_at + due_in_hours * 60 * MINUTE_MS,
            updated_at: at,
            reminder: dice.weighted(&[
                (40, (30, "Phút", 1)),
                (20, (15, "Phút", 1)),
                (25, (1, "Giờ", 60)),
                (10, (2, "Giờ", 60)),
                (5, (1, "Ngày", 1440)),
            ]),
            is_deleted: false,
        }
    }

    /// The CRM's visible id.
    pub(super) fn code(&self) -> String {
        format!("TK-{:06}", self.number)
    }

    /// Whether the reminder has gone out by the last change.
    pub(super) fn is_reminded(&self) -> bool {
        self.updated_at >= self.due_at - self.reminder.0 * self.reminder.2 * MINUTE_MS
    }

    /// Someone works on it: it moves on or ends.
    pub(super) fn work(&mut self, dice: &mut Dice, at: i64) {
        const PROGRESS: &[&str] = &[
            "Đã gọi đơn vị vận chuyển, giao trong hôm nay",
            "Đã liên hệ khách, khách đồng ý chờ",
            "Chuyển kho chuẩn bị hàng",
            "Chờ khách gửi thêm hình ảnh",
            "Đã báo quản lý duyệt",
            "Gọi hai lần khách chưa nghe máy",
        ];
        const DONE: &[&str] = &[
            "Đã xử lý xong, khách hài lòng",
            "Đã giao lại hàng, khách xác nhận",
            "Đã hoàn tiền và xin lỗi khách",
            "Đã gửi qua e-mail cho khách",
            "Đã hoàn tất, tặng kèm voucher 10%",
        ];
        if dice.chance(380) {
            dice.pick(PROGRESS).clone_into(&mut self.description);
            if dice.chance(250) {
                self.employee = dice.below(words::STAFF.len());
            }
            if dice.chance(150) {
                self.level = "high";
            }
        } else if dice.chance(930) {
            self.status = "done";
            dice.pick(DONE).clone_into(&mut self.description);
        } else {
            self.status = "cancel";
            "Khách không còn nhu cầu".clone_into(&mut self.description);
        }
        self.updated_at = at.max(self.updated_at + 1);
    }

    /// Whether anybody will still work on it.
    pub(super) fn is_open(&self) -> bool {
        self.status == "process" && !self.is_deleted
    }
}
