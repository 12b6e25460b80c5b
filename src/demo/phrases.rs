//! What is said in the shop, as short exchanges with slots. `talk` strings them into conversations and fills the slots.
//!
//! A text offers alternatives between `|`. Slots: `{p}` product, `{p2}` another one, `{gia}` `{gia2}` their prices, `{sl}`
//! quantity, `{tong}` total, `{ship}` delivery fee, `{don}` order code, `{quan}` district, `{diachi}` address, `{sdt}` phone,
//! `{gio}` hour, `{ngay}` day, `{anh}` how staff address the customer, `{toi}` what the customer calls themselves, `{ten}`
//! the customer's name, `{nv}` the staff member's. First letters are set by `talk`.

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Customer,
    Staff,
    /// The CRM itself, on the shop's side.
    System,
}

/// What a message carries beside its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    Text,
    Image,
    Sticker,
    Audio,
    File,
    Link,
}

/// One message of an exchange.
pub(super) struct Line {
    pub(super) by: By,
    pub(super) media: Media,
    pub(super) text: &'static str,
}

/// Some messages that belong together.
pub(super) type Exchange = &'static [Line];

const fn k(text: &'static str) -> Line {
    Line { by: By::Customer, media: Media::Text, text }
}
const fn s(text: &'static str) -> Line {
    Line { by: By::Staff, media: Media::Text, text }
}
const fn send(by: By, media: Media, text: &'static str) -> Line {
    Line { by, media, text }
}
use By::{Customer, Staff};
use Media::{Audio, File, Image, Link, Sticker};

/// A first greeting.
pub(super) const GREETINGS: &[Exchange] = &[
    &[
        k("Shop ơi|Chào shop|Alo shop ơi|Xin chào shop ạ"),
        s(
            "Dạ em {nv} bên Mộc Lan nghe ạ, em hỗ trợ gì được cho {anh} ạ?|Mộc Lan xin chào {anh} {ten}, {anh} cần em tư vấn mẫu nào ạ?",
        ),
    ],
    &[
        k("Cho {toi} hỏi chút ạ|Shop còn làm việc không ạ?|Có ai tư vấn giúp {toi} với"),
        s("Dạ em đây ạ, {anh} cần hỏi gì cứ nhắn em nhé|Dạ em chào {anh}, em là {nv} ạ. {anh} đang quan tâm mẫu nào ạ?"),
    ],
];

/// Asking for a price.
pub(super) const PRICES: &[Exchange] = &[
    &[
        k("{p} giá bao nhiêu vậy shop?|Cho {toi} xin giá {p} với ạ|{p} bao nhiêu tiền shop?"),
        s("Dạ {p} bên em giá {gia} ạ|{p} hiện giá {gia} {anh} nhé, freeship nội thành ạ"),
        k("Có giảm giá không shop?|Mua {sl} cái có bớt không ạ?|Ok để {toi} xem thêm"),
        s("Dạ lấy từ 2 em giảm 5% cho {anh} ạ|Dạ hôm nay bên em đang tặng thiệp và gói quà miễn phí ạ"),
    ],
    &[
        k("Mẫu {p} còn không shop?|{p} còn hàng không ạ?"),
        s("Dạ còn ạ, giá {gia} {anh} nhé|Dạ mẫu này vừa về thêm, giá {gia} ạ"),
        send(Staff, Image, "Mẫu thật bên em đây ạ|"),
        k("Đẹp quá|Nhìn ưng ghê|Ok shop, đẹp đấy"),
    ],
    &[
        send(Customer, Image, "Mẫu này bao nhiêu ạ?|"),
        k("Shop có mẫu như hình không ạ?|Cho {toi} hỏi giá mẫu này"),
        s("Dạ đây là {p}, giá {gia} ạ|Mẫu này là {p} {anh} ạ, bên em đang để giá {gia}"),
    ],
    &[
        k("{p} với {p2} giá sao shop?|So giúp {toi} {p} và {p2} với"),
        s("Dạ {p} giá {gia}, còn {p2} giá {gia2} ạ|{p}: {gia}; {p2}: {gia2}. Lấy cả hai em giảm thêm 5% ạ"),
    ],
];

/// Advice and small questions.
pub(super) const ADVICE: &[Exchange] = &[
    &[
        k("Tặng mẹ thì nên chọn mẫu nào shop?|Quà sinh nhật cho bạn thân thì tư vấn giúp {toi} với"),
        s("Dạ em gợi ý {p2} ạ, nhiều khách bên em chọn lắm, giá {gia2}|{anh} xem thử {p} hoặc {p2} ạ, đều hợp làm quà"),
        send(Staff, Image, ""),
    ],
    &[
        k("Có kèm thiệp không ạ?|Shop viết thiệp giúp được không?"),
        s("Dạ có ạ, {anh} nhắn nội dung em viết tay miễn phí|Dạ được ạ, {anh} gửi em lời chúc nhé"),
    ],
    &[
        k("Cửa hàng ở đâu vậy ạ?|Shop có cửa hàng ở {quan} không?"),
        s("Dạ bên em mở cửa 8h – 21h30 hằng ngày, {anh} ghé lúc nào cũng được ạ"),
        send(Staff, Link, "https://moclan.example/cua-hang"),
    ],
    &[
        k("Hoa để được mấy ngày ạ?|Bảo quản sao cho lâu hả shop?"),
        s("Dạ {anh} thay nước mỗi ngày, cắt chéo gốc, để nơi mát thì được 5–7 ngày ạ"),
    ],
    &[
        k("Bên mình có xuất hóa đơn không?|Cho {toi} xin hóa đơn VAT được không shop?"),
        s("Dạ có ạ, {anh} gửi em mã số thuế và e-mail nhận hóa đơn nhé|Dạ bên em xuất hóa đơn điện tử trong ngày ạ"),
    ],
    &[
        send(Customer, Audio, ""),
        s("Dạ em nghe rồi ạ, để em kiểm tra rồi báo {anh} ngay|Dạ em hiểu ý {anh} rồi ạ, em gửi mẫu {p2} cho {anh} xem nhé"),
    ],
];

/// Placing an order.
pub(super) const ORDERS: &[Exchange] = &[
    &[
        k("Ok chốt cho {toi} {sl} {p} nhé|{toi} lấy {sl} {p}|Đặt giúp {toi} {sl} {p} giao {ngay}"),
        s("Dạ {anh} cho em xin tên, số điện thoại và địa chỉ nhận hàng ạ"),
        k("{ten}, {sdt}, {diachi}|{diachi} nhé, số {sdt}"),
        s(
            "Em lên đơn {don}: {sl} × {p}, tổng {tong}, giao {gio} {ngay} ạ. {anh} kiểm tra giúp em|Đơn {don} của {anh}: {sl} × {p} = {tong}, phí ship {ship}. Em giao {gio} {ngay} nhé",
        ),
        k("Đúng rồi shop|Ok em|Chuẩn rồi ạ"),
    ],
    &[
        k("{toi} muốn đặt {p} giao {ngay} ở {quan}|Giao {p} tới {quan} {ngay} được không?"),
        s("Dạ được ạ, {anh} gửi em địa chỉ cụ thể với số người nhận nhé"),
        k("{diachi}. Người nhận {sdt}|Địa chỉ {diachi}, gọi số {sdt} nhé"),
        s("Em tạo đơn {don} rồi ạ, tổng {tong} đã gồm ship"),
    ],
];

/// Paying.
pub(super) const PAYMENTS: &[Exchange] = &[
    &[
        s("{anh} muốn chuyển khoản hay COD ạ?|{anh} thanh toán khi nhận hàng hay chuyển khoản trước ạ?"),
        k("COD nhé|Chuyển khoản đi shop|{toi} chuyển khoản"),
        s("Dạ vâng ạ, em xác nhận đơn {don} nhé"),
    ],
    &[
        k("{toi} chuyển khoản {tong} rồi nhé|Chuyển rồi shop kiểm tra giúp"),
        send(Customer, Image, ""),
        s("Em nhận được {tong} cho đơn {don} rồi ạ, cảm ơn {anh}|Dạ tiền vào rồi ạ, em chuyển đơn {don} cho kho chuẩn bị ngay"),
    ],
];

/// Where is my parcel.
pub(super) const DELIVERIES: &[Exchange] = &[
    &[
        k("Đơn {don} bao giờ giao vậy shop?|Đơn {don} của {toi} đi chưa ạ?|Shop ơi {don} tới đâu rồi?"),
        s("Dạ đơn {don} shipper đang giao ở {quan}, khoảng {gio} tới {anh} ạ|Đơn {don} vừa rời kho ạ, {gio} {ngay} tới nơi"),
        k("Ok cảm ơn|Nhớ gọi trước nhé|Giao giờ hành chính giúp {toi}"),
    ],
    &[
        s(
            "Đơn {don} giao thành công rồi ạ, {anh} nhận được hàng chưa ạ?|Shipper báo đã giao đơn {don}, {anh} xem hàng ổn không ạ?",
        ),
        k("Nhận rồi shop ơi, đẹp lắm|Mình nhận rồi, ưng ý|Rồi nhé, cảm ơn shop"),
        send(Customer, Image, ""),
    ],
    &[
        k("Đổi giờ giao đơn {don} sang {gio} được không?|{toi} bận, giao {don} sang {ngay} giúp nhé"),
        s("Dạ em báo shipper đổi sang {gio} {ngay} rồi ạ"),
    ],
];

/// Complaints, each with its answer.
pub(super) const COMPLAINTS: &[Exchange] = &[
    &[
        k("Shop ơi đơn {don} hẹn {gio} mà giờ chưa thấy|Đơn {don} trễ quá, {toi} cần gấp"),
        k("Gọi shipper không nghe máy|Hàng tặng mà trễ vậy thì chết|Shop kiểm tra gấp giúp {toi}"),
        s(
            "Dạ em xin lỗi {anh}, em gọi đơn vị vận chuyển ngay ạ|Em rất xin lỗi {anh} {ten}, để em kiểm tra và báo lại trong 10 phút ạ",
        ),
        s("Em kiểm tra rồi ạ, shipper kẹt xe ở {quan}, 20 phút nữa tới. Em hoàn phí ship {ship} cho {anh} ạ"),
    ],
    &[
        k("Hàng {toi} nhận bị vỡ rồi shop|{p} giao tới bị dập hết"),
        send(Customer, Image, ""),
        s(
            "Dạ em xin lỗi {anh}, bên em đổi cái mới ngay cho {anh} ạ|Em thành thật xin lỗi ạ. Em gửi lại {p} mới cho {anh} trong hôm nay, miễn phí ship",
        ),
        k("Ok vậy gửi lại giúp {toi}|Lần sau gói kỹ hơn nhé shop"),
    ],
    &[
        k("Sao giao nhầm mẫu rồi shop, {toi} đặt {p} mà|Nhầm màu rồi shop ơi, đơn {don}"),
        s("Dạ {anh} chụp giúp em sản phẩm nhận được với ạ"),
        send(Customer, Image, ""),
        s("Em thấy rồi ạ, kho lấy nhầm sang {p2}. Em cho người mang đúng {p} qua đổi ngay ạ"),
    ],
    &[
        k("Đơn {don} {toi} bị trừ tiền hai lần|Sao đơn {don} tính {tong} vậy shop, hôm trước báo {gia} mà"),
        s("Dạ em xin phép kiểm tra với kế toán rồi báo {anh} ạ|Em xem lại ngay ạ, {anh} cho em 5 phút"),
        s("Em kiểm tra rồi ạ, em hoàn lại phần chênh lệch cho {anh} trong hôm nay"),
    ],
];

/// Changing what was bought.
pub(super) const CHANGES: &[Exchange] = &[
    &[
        k("{p} {toi} mua muốn đổi sang {p2} được không?|Shop cho đổi mẫu không ạ, {toi} muốn lấy {p2}"),
        s(
            "Dạ được ạ, trong 3 ngày bên em đổi miễn phí nếu còn nguyên tem|Dạ được, {p2} giá {gia2}, phần chênh em báo lại {anh} nhé",
        ),
        k("Vậy {ngay} qua đổi nhé|Cho người qua lấy giúp {toi}"),
        s("Dạ vâng, em ghi đơn đổi {don} rồi ạ"),
    ],
    &[
        k("{toi} muốn hủy đơn {don}|Hủy giúp {toi} đơn {don} với"),
        s("Dạ {anh} cho em biết lý do được không ạ?"),
        k("Đặt nhầm ngày rồi|Người nhận đi công tác|Để {toi} đặt lại sau"),
        s("Dạ em hủy đơn {don} rồi ạ, tiền cọc em hoàn trong 24h"),
    ],
];

/// Good endings.
pub(super) const THANKS: &[Exchange] = &[
    &[
        k("Cảm ơn shop nhiều|Cảm ơn em nhé|Tks shop"),
        s("Dạ em cảm ơn {anh} {ten} ạ, chúc {anh} một ngày vui vẻ ❤️|Dạ không có gì ạ, cần gì {anh} cứ nhắn em nhé"),
    ],
    &[k("Ok em|Oke shop|Vâng ạ"), send(Customer, Sticker, "")],
    &[s("Cảm ơn {anh} đã ủng hộ Mộc Lan ạ 🌸|Mộc Lan cảm ơn {anh} {ten}, hẹn gặp lại {anh} ạ"), send(Staff, Sticker, "")],
];

/// A customer comes back after some days.
pub(super) const RETURNS: &[Exchange] = &[
    &[
        k("Shop ơi hôm trước {toi} mua {p} đẹp lắm|Lại là {toi} đây shop|Shop nhớ {toi} không, hôm trước đặt {p}"),
        s("Dạ em nhớ ạ, {anh} {ten} cần em giúp gì nữa ạ?|Dạ em chào {anh} {ten}, hôm nay {anh} xem mẫu nào ạ?"),
    ],
    &[
        s("Chào {anh} {ten}, bên em mới về {p2}, {anh} xem thử nhé|{anh} {ten} ơi, tuần này Mộc Lan giảm 10% {p2} ạ"),
        send(Staff, Image, ""),
        k("Để {toi} xem|Đẹp đấy, giá sao em?|Gửi {toi} thêm mẫu khác nhé"),
    ],
];

/// Letters, which say more at once.
pub(super) const LETTERS: &[Exchange] = &[
    &[
        k(
            "Kính gửi Mộc Lan, bên mình cần báo giá {sl} {p} cho sự kiện {ngay} tại {quan}. Vui lòng phản hồi sớm giúp. Trân trọng, {ten}.",
        ),
        s(
            "Kính gửi {anh} {ten}, Mộc Lan gửi báo giá {sl} {p}: {tong}, đã gồm VAT và vận chuyển tại {quan}. Chi tiết trong tệp đính kèm. Trân trọng, {nv}.",
        ),
        send(Staff, File, ""),
    ],
    &[
        k("Chào shop, {toi} chưa nhận được hóa đơn của đơn {don}. Nhờ shop gửi lại qua e-mail này. Cảm ơn."),
        s("Chào {anh} {ten}, em gửi lại hóa đơn điện tử của đơn {don} trong tệp đính kèm ạ. {nv} – Mộc Lan."),
        send(Staff, File, ""),
        k("Đã nhận, cảm ơn {nv}.|Mình nhận được rồi, cảm ơn shop."),
    ],
    &[
        k("Shop cho {toi} hỏi chính sách đổi trả với {p}? {toi} đặt đơn {don} nhưng muốn đổi sang {p2}."),
        s(
            "Chào {anh} {ten}, sản phẩm còn nguyên tem được đổi trong 3 ngày, giá {p2} hiện là {gia2}. {anh} xác nhận giúp em để tạo phiếu đổi ạ.",
        ),
        k("Mình xác nhận, nhờ shop làm giúp."),
        s("Em đã tạo phiếu đổi cho đơn {don}, {gio} {ngay} bên em qua lấy hàng ạ."),
    ],
];

/// Whoever writes once and is never seen again.
pub(super) const STRANGERS: &[Exchange] = &[
    &[
        k("Shop có tuyển nhân viên part-time không ạ?"),
        s("Dạ hiện bên em chưa tuyển ạ, {anh} để lại thông tin khi có em báo nhé"),
    ],
    &[k("Bên em cung cấp giải pháp quảng cáo, shop quan tâm không ạ?"), k("Inbox em gửi báo giá nhé")],
    &[
        k("Xin bảng giá hoa khai trương|Giá lẵng hoa khai trương?"),
        s("Dạ lẵng khai trương bên em từ 950.000đ ạ, {anh} cần giao ở đâu ạ?"),
        k("Để {toi} hỏi thêm đã"),
    ],
    &[k("Hello shop|Hi|."), s("Dạ Mộc Lan nghe ạ, {anh} cần em tư vấn mẫu nào ạ?")],
    &[
        k("Ship {quan} bao nhiêu ạ?|Phí giao tới {quan}?"),
        s("Dạ tới {quan} phí {ship} ạ, đơn từ 500.000đ em miễn phí"),
        k("Ok để {toi} suy nghĩ"),
    ],
];
