//! The vocabulary of the demo's shop, "Mộc Lan", which sells flowers, gifts and things for the home: names by frequency,
//! places, goods, channels, staff. Only values; the sentences are in `phrases`. All addresses are of the reserved example
//! domains, so that nothing in the demo leads to anybody real.

/// Family names by how common they are.
pub(super) const FAMILIES: &[(u64, &str)] = &[
    (38, "Nguyễn"),
    (12, "Trần"),
    (10, "Lê"),
    (7, "Phạm"),
    (5, "Hoàng"),
    (4, "Huỳnh"),
    (4, "Phan"),
    (4, "Vũ"),
    (3, "Võ"),
    (3, "Đặng"),
    (3, "Bùi"),
    (3, "Đỗ"),
    (2, "Hồ"),
    (2, "Ngô"),
    (2, "Dương"),
    (1, "Lý"),
    (1, "Đinh"),
    (1, "Trịnh"),
    (1, "Mai"),
    (1, "Tạ"),
    (1, "Lương"),
    (1, "Cao"),
    (1, "Đoàn"),
    (1, "Tô"),
];
/// Women's middle names.
pub(super) const HER_MIDDLES: &[(u64, &str)] = &[
    (30, "Thị"),
    (7, "Thu"),
    (7, "Ngọc"),
    (6, "Thanh"),
    (5, "Phương"),
    (4, "Minh"),
    (4, "Kim"),
    (4, "Khánh"),
    (3, "Bích"),
    (3, "Hồng"),
    (3, "Thùy"),
    (3, "Diệu"),
    (3, "Quỳnh"),
    (2, "Mỹ"),
    (2, "Bảo"),
    (2, "Hải"),
];
/// Men's middle names.
pub(super) const HIS_MIDDLES: &[(u64, &str)] = &[
    (22, "Văn"),
    (8, "Đức"),
    (7, "Minh"),
    (6, "Quang"),
    (6, "Hữu"),
    (5, "Quốc"),
    (5, "Anh"),
    (4, "Tuấn"),
    (4, "Thành"),
    (4, "Công"),
    (4, "Xuân"),
    (3, "Gia"),
    (3, "Hoàng"),
    (3, "Đình"),
    (2, "Trọng"),
    (2, "Bá"),
];
/// Women's given names.
pub(super) const HER_NAMES: &[&str] = &[
    "Linh", "Hương", "Lan", "Mai", "Hà", "Trang", "Thảo", "Hoa", "Ngọc", "Phương", "Anh", "Nhung", "Yến", "Hạnh", "Thủy", "Vy",
    "Trâm", "Ngân", "My", "Huyền", "Dung", "Hiền", "Nga", "Oanh", "Quyên", "Tuyết", "Châu", "Giang", "Uyên", "Chi", "Loan",
    "Thư", "Như", "Diễm",
];
/// Men's given names.
pub(super) const HIS_NAMES: &[&str] = &[
    "Hùng", "Tuấn", "Dũng", "Nam", "Minh", "Hải", "Long", "Sơn", "Quân", "Đức", "Thắng", "Hiếu", "Khoa", "Phúc", "Huy", "Cường",
    "Kiên", "Tùng", "Trung", "Bình", "Việt", "Đạt", "Khang", "Thịnh", "Toàn", "Vinh", "Lâm", "Phong", "Tài", "Nghĩa",
];

/// A city with its districts and streets.
pub(super) struct City {
    pub(super) name: &'static str,
    pub(super) store: &'static str,
    pub(super) districts: &'static [&'static str],
    pub(super) streets: &'static [&'static str],
}
/// Where the customers live, by weight.
pub(super) const CITIES: &[(u64, &City)] = &[(50, &HANOI), (36, &SAIGON), (14, &DANANG)];
const HANOI: City = City {
    name: "Hà Nội",
    store: "store-hn-01",
    districts: &[
        "Cầu Giấy",
        "Đống Đa",
        "Ba Đình",
        "Hoàn Kiếm",
        "Hai Bà Trưng",
        "Thanh Xuân",
        "Hà Đông",
        "Long Biên",
        "Tây Hồ",
        "Nam Từ Liêm",
    ],
    streets: &[
        "Láng Hạ",
        "Trần Duy Hưng",
        "Kim Mã",
        "Nguyễn Trãi",
        "Bà Triệu",
        "Xuân Thủy",
        "Đội Cấn",
        "Thái Hà",
        "Phố Huế",
        "Lạc Long Quân",
    ],
};
const SAIGON: City = City {
    name: "TP. Hồ Chí Minh",
    store: "store-sg-01",
    districts: &["Quận 1", "Quận 3", "Quận 7", "Quận 10", "Bình Thạnh", "Phú Nhuận", "Tân Bình", "Gò Vấp", "Thủ Đức"],
    streets: &[
        "Lê Lợi",
        "Nguyễn Huệ",
        "Cách Mạng Tháng Tám",
        "Điện Biên Phủ",
        "Phan Xích Long",
        "Nguyễn Thị Thập",
        "Quang Trung",
        "Cộng Hòa",
    ],
};
const DANANG: City = City {
    name: "Đà Nẵng",
    store: "store-dn-01",
    districts: &["Hải Châu", "Thanh Khê", "Sơn Trà", "Ngũ Hành Sơn", "Liên Chiểu"],
    streets: &["Bạch Đằng", "Lê Duẩn", "Nguyễn Văn Linh", "Võ Nguyên Giáp", "Hàm Nghi"],
};

/// What the shop sells: the name as it stands in a sentence, the price in thousands of đồng, the file name of its picture.
pub(super) const PRODUCTS: &[(&str, i64, &str)] = &[
    ("bó hồng đỏ 20 bông", 450, "bo-hong-do"),
    ("bó hướng dương", 320, "bo-huong-duong"),
    ("lẵng hoa khai trương", 950, "lang-khai-truong"),
    ("giỏ hoa quả", 780, "gio-hoa-qua"),
    ("hộp hoa hồng sáp", 390, "hop-hong-sap"),
    ("chậu lan hồ điệp 3 cành", 1250, "lan-ho-diep"),
    ("bình gốm Bát Tràng", 560, "binh-gom"),
    ("bộ ấm trà men lam", 690, "am-tra-men-lam"),
    ("nến thơm quế hồi", 185, "nen-que-hoi"),
    ("đèn ngủ gỗ thông", 420, "den-ngu-go-thong"),
    ("khăn lụa Vạn Phúc", 350, "khan-lua"),
    ("hộp quà An Khang", 880, "hop-qua-an-khang"),
    ("hộp bánh quy bơ", 240, "banh-quy-bo"),
    ("khung ảnh gỗ sồi", 210, "khung-anh-go-soi"),
    ("chậu sen đá mini", 95, "sen-da-mini"),
    ("cây kim tiền để bàn", 380, "cay-kim-tien"),
    ("gấu bông thỏ trắng", 290, "tho-bong-trang"),
    ("set quà sinh nhật", 520, "set-sinh-nhat"),
    ("tinh dầu sả chanh", 150, "tinh-dau-sa-chanh"),
    ("thảm len dệt tay", 740, "tham-len"),
    ("bộ chăn ga cotton", 1350, "chan-ga-cotton"),
    ("lọ hoa thủy tinh", 270, "lo-hoa-thuy-tinh"),
    ("hoa cưới cầm tay", 650, "hoa-cuoi"),
    ("bó baby trắng", 280, "bo-baby-trang"),
    ("giỏ cúc họa mi", 230, "gio-cuc-hoa-mi"),
    ("bó tulip Hà Lan", 590, "bo-tulip"),
    ("hộp trà sen Tây Hồ", 430, "tra-sen"),
    ("tranh thêu hoa sen", 1150, "tranh-theu-sen"),
];

/// Where a conversation takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    Zalo,
    Facebook,
    Web,
    Email,
}

impl Platform {
    /// The word in the payload.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Zalo => "zalo",
            Self::Facebook => "facebook",
            Self::Web => "web",
            Self::Email => "email",
        }
    }
}

/// One of the shop's addresses on a platform.
pub(super) struct Channel {
    pub(super) platform: Platform,
    pub(super) id: &'static str,
    pub(super) app_id: &'static str,
    pub(super) name: &'static str,
    pub(super) avatar: &'static str,
}
const fn channel(
    platform: Platform,
    id: &'static str,
    app_id: &'static str,
    name: &'static str,
    avatar: &'static str,
) -> Channel {
    Channel { platform, id, app_id, name, avatar }
}
/// The shop's channels: two Zalo OAs, two Facebook pages, a web site, an e-mail sender.
pub(super) const CHANNELS: [Channel; 6] = [
    channel(Platform::Zalo, "2873219003344556", "1298887765", "Mộc Lan Hoa & Quà", "https://avatars.example/moc-lan.png"),
    channel(Platform::Zalo, "2873219003377889", "1298887765", "Mộc Lan Sài Gòn", "https://avatars.example/moc-lan-sg.png"),
    channel(Platform::Facebook, "104455667700112", "556677", "Hoa tươi Mộc Lan", "https://avatars.example/moc-lan-fb.png"),
    channel(Platform::Facebook, "104455667700998", "556677", "Mộc Lan Home", "https://avatars.example/moc-lan-home.png"),
    channel(Platform::Web, "moclan.example", "livechat-01", "Mộc Lan", "https://avatars.example/moc-lan.png"),
    channel(
        Platform::Email,
        "cskh@moclan.example",
        "sendgrid-01",
        "Chăm sóc khách hàng Mộc Lan",
        "https://avatars.example/moc-lan.png",
    ),
];

/// A staff member: the CRM's id, the name, the file name of the picture.
pub(super) struct Staff {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) face: &'static str,
}
const fn staff(id: &'static str, name: &'static str, face: &'static str) -> Staff {
    Staff { id, name, face }
}
/// Those who work for the shop.
pub(super) const STAFF: [Staff; 12] = [
    staff("64d1f0000000000000000101", "Lê Minh", "minh"),
    staff("64d1f0000000000000000102", "Phạm Thu Hà", "ha"),
    staff("64d1f0000000000000000103", "Nguyễn Hoàng Nam", "nam"),
    staff("64d1f0000000000000000104", "Trần Bảo Ngọc", "ngoc"),
    staff("64d1f0000000000000000105", "Vũ Khánh Linh", "linh"),
    staff("64d1f0000000000000000106", "Đỗ Quang Huy", "huy"),
    staff("64d1f0000000000000000107", "Huỳnh Mỹ Duyên", "duyen"),
    staff("64d1f0000000000000000108", "Bùi Thanh Tâm", "tam"),
    staff("64d1f0000000000000000109", "Hoàng Thị Yến", "yen"),
    staff("64d1f000000000000000010a", "Ngô Gia Bảo", "bao"),
    staff("64d1f000000000000000010b", "Đặng Phương Thảo", "thao"),
    staff("64d1f000000000000000010c", "Phan Anh Tuấn", "tuan"),
];

/// A customer status: id, name, red, green, blue.
pub(super) const STATUSES: [(&str, &str, [u8; 3]); 6] = [
    ("st-01", "Tiềm năng", [255, 170, 0]),
    ("st-02", "Đang tư vấn", [33, 150, 243]),
    ("st-03", "Đã mua hàng", [0, 160, 80]),
    ("st-04", "Khách quen", [0, 137, 123]),
    ("st-05", "VIP", [156, 39, 176]),
    ("st-06", "Ngừng chăm sóc", [120, 120, 120]),
];

/// Mobile prefixes with their carriers.
pub(super) const PREFIXES: &[(u64, (&str, &str))] = &[
    (8, ("098", "Viettel")),
    (8, ("097", "Viettel")),
    (7, ("096", "Viettel")),
    (5, ("086", "Viettel")),
    (6, ("039", "Viettel")),
    (6, ("035", "Viettel")),
    (5, ("033", "Viettel")),
    (7, ("091", "Vinaphone")),
    (6, ("094", "Vinaphone")),
    (4, ("088", "Vinaphone")),
    (4, ("082", "Vinaphone")),
    (7, ("090", "Mobifone")),
    (6, ("093", "Mobifone")),
    (4, ("077", "Mobifone")),
    (3, ("089", "Mobifone")),
    (2, ("092", "Vietnamobile")),
    (1, ("056", "Vietnamobile")),
    (1, ("059", "Gmobile")),
];

/// What staff note about a customer.
pub(super) const NOTES: &[&str] = &[
    "Khách quen, thích giao buổi chiều",
    "Hay đặt hoa cho công ty, cần hóa đơn VAT",
    "Gọi trước khi giao 30 phút",
    "Thích tông màu pastel",
    "Dị ứng phấn hoa ly",
    "Chỉ nhận hàng giờ hành chính",
    "Thường mua quà sinh nhật cho mẹ",
    "Cần gói quà kèm thiệp viết tay",
    "Đã đổi sang địa chỉ mới",
    "Quan tâm đồ gốm và đồ decor",
    "Hay hỏi giá sỉ",
    "Đặt hoa định kỳ thứ hai hằng tuần",
    "Muốn nhận tin khuyến mãi qua Zalo",
    "Nhà trong ngõ nhỏ, shipper gọi điện",
];
/// Tags in `cf_tags`.
pub(super) const TAGS: &[&str] =
    &["hoa tươi", "quà tặng", "đồ gốm", "sinh nhật", "công ty", "khách sỉ", "cây cảnh", "hoa cưới", "giao nhanh", "decor"];
/// Where customers say they heard of the shop.
pub(super) const ORIGINS: &[&str] = &["Zalo OA", "Quảng cáo Facebook", "Bạn bè giới thiệu", "Tìm kiếm web", "Cửa hàng", "TikTok"];
/// Domains of e-mail addresses.
pub(super) const DOMAINS: &[&str] = &["example.com", "example.net", "example.org", "thu.example"];
/// Small ornaments of display names.
pub(super) const ORNAMENTS: &[&str] = &["🌸", "🌻", "☘️", "✨", "🍀", "💐"];
/// Senders of mail whom nobody has made a customer.
pub(super) const OFFICES: &[&str] =
    &["Phòng Hành chính", "Kế toán Minh Phát", "Ban tổ chức sự kiện", "Văn phòng An Bình", "Phòng Mua hàng"];
