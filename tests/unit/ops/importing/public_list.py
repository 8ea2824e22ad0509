"""Products of four decisions of recognition, as they were published; those of households with a person's name left out.

From `data/ocop/ocop_records.json` of github.com/Luyen05/ocop-lamdong-portal (cut-off 10 September 2026), whose
`admin_mappings` says what the communes became by Resolution 1671/NQ-UBTVQH15: our expectations are its own.
"""

#: decision, its day, stars
DECISIONS = {
    "3981": ("3981/QĐ-UBND", "05/08/2026", "3 sao"),
    "858": ("858/QĐ-UBND", "19/06/2025", "4 sao"),
    "1887": ("1887/QĐ-UBND", "16/06/2025", "3 sao"),
    "768": ("768/QĐ-UBND", "07/05/2025", "3 sao"),
}
_CERES, _BECHAMP = "Chi nhánh Công ty TNHH Nông Nghiệp Ceres", "Hợp tác xã Nông sản Hữu cơ Bechamp Đắk Nông"
_SACHI, _BOANERGES = "Công ty TNHH TM XNK Sachi Thịnh Phát", "Công ty TNHH BOANERGES"
_KINH_TE_MOI, _THON_10 = "Thôn Kinh tế mới, xã Ninh Gia, tỉnh Lâm Đồng", "Thôn 10, xã Trường Xuân, tỉnh Lâm Đồng"
_NGUYEN_VAN_TROI = "37 Nguyễn Văn Trỗi, phường Nghĩa Trung, thành phố Gia Nghĩa, tỉnh Đắk Nông"
_DAK_HUYT = "Bon Đắk Huýt, xã Quảng Trực, huyện Tuy Đức, tỉnh Đắk Nông"
_THON_3 = "Thôn 3, xã Thuận Hà, huyện Đắk Song, tỉnh Đắk Nông"

#: decision, product, producer, address, the commune in force
PRODUCTS = (
    (
        "3981",
        "Mắm nêm Seagull",
        "Công ty TNHH Seagull",
        "Số 08 Nguyễn Trãi, phường Phan Thiết, tỉnh Lâm Đồng",
        "Phường Phan Thiết",
    ),
    ("3981", "Nấm Fresh Cordyceps Vietnam (Nấm tươi)", _CERES, _KINH_TE_MOI, "Xã Ninh Gia"),
    ("3981", "Nấm Cordyceps Vietnam (Nấm khô sấy thăng hoa)", _CERES, _KINH_TE_MOI, "Xã Ninh Gia"),
    ("3981", "beCHAMP Coffee Natural Nắng Vàng", _BECHAMP, _THON_10, "Xã Trường Xuân"),
    ("3981", "beCHAMP Coffee Gu Mạnh", _BECHAMP, _THON_10, "Xã Trường Xuân"),
    ("3981", "Bechamp Coffee Hòa Tan Nấm Linh Chi", _BECHAMP, _THON_10, "Xã Trường Xuân"),
    ("3981", "MACCA BECHAMP", _BECHAMP, _THON_10, "Xã Trường Xuân"),
    ("3981", "beCHAMP Coffee Honey Nắng Vàng", _BECHAMP, _THON_10, "Xã Trường Xuân"),
    (
        "3981",
        "Cao Atiso Hoàng An",
        "Công ty TNHH Atiso Hoàng An Đà Lạt",
        "Thôn 2, xã Lạc Dương, tỉnh Lâm Đồng",
        "Xã Lạc Dương",
    ),
    ("858", "Mắc ca Lê Anh Tuy Đức", "Hợp tác xã Nông nghiệp và Dịch vụ Long Việt", _DAK_HUYT, "Xã Quảng Trực"),
    ("858", "Hạt Mắc ca Mơ Nông", "Hợp tác xã Nông nghiệp xanh Quảng Trực", _DAK_HUYT, "Xã Quảng Trực"),
    ("858", "Tiêu xanh sấy thăng hoa", _SACHI, _NGUYEN_VAN_TROI, "Phường Đông Gia Nghĩa"),
    ("858", "Trái cây sấy thăng hoa", _SACHI, _NGUYEN_VAN_TROI, "Phường Đông Gia Nghĩa"),
    ("858", "Hạt Điều rang muối", _SACHI, _NGUYEN_VAN_TROI, "Phường Đông Gia Nghĩa"),
    ("1887", "Mộc Đế Vương", _BOANERGES, _THON_3, "Xã Thuận Hạnh"),
    ("1887", "Mộc Quý Phi", _BOANERGES, _THON_3, "Xã Thuận Hạnh"),
    ("1887", "Mộc Thanh Lọc", _BOANERGES, _THON_3, "Xã Thuận Hạnh"),
    ("1887", "Mộc Bảo An", _BOANERGES, _THON_3, "Xã Thuận Hạnh"),
    (
        "1887",
        "Macca Bonbubo",
        "Công ty TNHH Hoàng Phương Tây Nguyên",
        "Thôn Thuận Thành, xã Thuận Hạnh, huyện Đắk Song, tỉnh Đắk Nông",
        "Xã Thuận Hạnh",
    ),
    (
        "1887",
        "Trà thảo mộc 7 vị",
        "Công ty TNHH An Tây Nguyên",
        "Thôn 6, xã Thuận Hà, huyện Đắk Song, tỉnh Đắk Nông",
        "Xã Thuận Hạnh",
    ),
    (
        "768",
        "Tinh bột nghệ",
        "Cơ sở sản xuất tinh bột nghệ Hải Hoa",
        "Thôn 2, xã Nam Dong, huyện Cư Jút, tỉnh Đắk Nông",
        "Xã Nam Dong",
    ),
    (
        "768",
        "Trà Bí đao",
        "Hợp tác xã Trà Organic Tây Nguyên",
        "Thôn 13, xã Nam Dong, huyện Cư Jút, tỉnh Đắk Nông",
        "Xã Nam Dong",
    ),
)
