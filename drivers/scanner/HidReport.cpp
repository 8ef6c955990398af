#include "drivers/scanner/HidReport.h"

#include <algorithm>
#include <map>

namespace souffleur::scanner {
namespace {

constexpr std::uint32_t kScannerPage = 0x8C;
constexpr std::uint32_t kSymbology1 = 0x8C00FB; ///< page and usage; 2 and 3 follow
constexpr std::uint32_t kDecodedData = 0x8C00FE;
constexpr std::uint32_t kContinued = 0x8C00FF;
constexpr std::uint32_t kByteCount = 0x01003B; ///< generic desktop
constexpr std::uint32_t kSpares = 0xFFFFFFFF;  ///< padding
constexpr std::size_t kDescriptorMaxBytes = 4096;
constexpr std::size_t kStackMax = 8;
constexpr std::size_t kUsagesMax = 256;
constexpr std::size_t kDepthMax = 32;

std::uint32_t usageOf(std::uint32_t page, std::uint32_t usage) {
    return (page << 16U) | (usage & 0xFFFFU);
}

/// Short items: type and tag in one byte, without the size (HID 1.11, 6.2.2).
enum Item : std::uint8_t {
    kInput = 0x80,
    kCollection = 0xA0,
    kEndCollection = 0xC0,
    kUsagePage = 0x04,
    kReportSize = 0x74,
    kReportId = 0x84,
    kReportCount = 0x94,
    kPush = 0xA4,
    kPop = 0xB4,
    kUsage = 0x08,
    kUsageMinimum = 0x18,
    kUsageMaximum = 0x28,
};

struct Globals {
    std::uint32_t page = 0;
    std::uint32_t size = 0;
    std::uint32_t count = 0;
    std::uint32_t id = 0;
};

class Parser {
public:
    /// False when it is broken.
    bool run(std::span<const std::uint8_t> bytes) {
        while (!bytes.empty()) {
            constexpr std::uint8_t kLong = 0xFE;
            if (bytes[0] == kLong) {
                if (bytes.size() < 3 || bytes.size() < 3U + bytes[1]) return false;
                bytes = bytes.subspan(3U + bytes[1]);
                continue;
            }
            const std::size_t size = (bytes[0] & 3U) == 3 ? 4 : bytes[0] & 3U;
            if (bytes.size() < 1 + size) return false;
            std::uint32_t value = 0;
            for (std::size_t i = 0; i < size; ++i)
                value |= static_cast<std::uint32_t>(bytes[1 + i]) << (8 * i);
            if (!item(bytes[0] & 0xFCU, value, size)) return false;
            bytes = bytes.subspan(1 + size);
        }
        return _depth == 0;
    }

    /// Bits taken by each report, its id not counted, and what stands in it.
    struct Fields {
        std::size_t bits = 0;
        HidReport report;
        bool data = false;
    };
    std::map<std::uint32_t, Fields> reports;

private:
    bool item(unsigned kind, std::uint32_t value, std::size_t size) {
        switch (kind) {
        case kInput:
            if (!input(value)) return false;
            break;
        case kCollection:
            if (!collection()) return false;
            break;
        case kEndCollection:
            if (_depth == 0) return false;
            if (--_depth < _scannerDepth) _scannerDepth = 0;
            break;
        case kUsagePage:
            _globals.page = value;
            return true;
        case kReportSize:
            _globals.size = value;
            return true;
        case kReportId:
            _globals.id = value;
            return value > 0 && value < 256;
        case kReportCount:
            _globals.count = value;
            return true;
        case kPush:
            _stack.push_back(_globals);
            return _stack.size() <= kStackMax;
        case kPop:
            if (_stack.empty()) return false;
            _globals = _stack.back();
            _stack.pop_back();
            return true;
        case kUsage:
            if (_usages.size() < kUsagesMax) _usages.push_back(full(value, size));
            return true;
        case kUsageMinimum:
            _minimum = full(value, size);
            return true;
        case kUsageMaximum:
            return range(full(value, size));
        default: // output, feature and what else there is move nothing here
            if ((kind & 0x0CU) != 0) return true;
        }
        _usages.clear(); // main items end the local ones
        _minimum.reset();
        return true;
    }

    /// A usage of four bytes names its page itself.
    [[nodiscard]] std::uint32_t full(std::uint32_t value, std::size_t size) const {
        return size == 4 ? value : usageOf(_globals.page, value);
    }

    bool range(std::uint32_t last) {
        if (!_minimum) return true;
        for (std::uint32_t usage = *_minimum; usage <= last && _usages.size() < kUsagesMax; ++usage)
            _usages.push_back(usage);
        _minimum.reset();
        return true;
    }

    bool collection() {
        if (++_depth > kDepthMax) return false;
        const bool scanner = !_usages.empty() && (_usages.front() >> 16U) == kScannerPage;
        if (scanner && _scannerDepth == 0) _scannerDepth = _depth;
        return true;
    }

    bool input(std::uint32_t flags) {
        constexpr std::uint32_t kConstant = 1;
        if (reports.size() >= kReportsMax && !reports.contains(_globals.id)) return false;
        Fields& fields = reports[_globals.id];
        const std::uint64_t bits = std::uint64_t{_globals.size} * _globals.count;
        if (bits + fields.bits > kReportMaxBytes * 8 - 8) return false;
        if ((flags & kConstant) == 0 && _scannerDepth > 0 && _globals.size > 0) {
            const std::size_t idBits = _globals.id != 0 ? 8 : 0;
            for (std::uint32_t i = 0; i < _globals.count; ++i)
                field(fields, idBits + fields.bits + std::size_t{i} * _globals.size, usageAt(i));
        }
        fields.bits += static_cast<std::size_t>(bits);
        return true;
    }

    [[nodiscard]] std::uint32_t usageAt(std::uint32_t i) const {
        if (_usages.empty()) return kSpares;
        return _usages[std::min<std::size_t>(i, _usages.size() - 1)];
    }

    void field(Fields& fields, std::size_t bit, std::uint32_t usage) const {
        HidReport& report = fields.report;
        if (usage == kContinued && !report.continuedBit) {
            report.continuedBit = bit;
            return;
        }
        if (_globals.size != 8 || bit % 8 != 0) return; // no scanner cuts its bytes
        const std::size_t at = bit / 8;
        if (usage == kDecodedData) {
            if (!fields.data) report.dataAt = at;
            fields.data = true;
            if (report.dataAt + report.dataBytes == at) ++report.dataBytes;
        } else if (usage >= kSymbology1 && usage < kDecodedData) {
            auto& place = report.symbologyAt.at(usage - kSymbology1);
            if (!place) place = at;
        } else if (usage == kByteCount && !report.lengthAt) {
            report.lengthAt = at;
        }
    }

    Globals _globals;
    std::vector<Globals> _stack;
    std::vector<std::uint32_t> _usages;
    std::optional<std::uint32_t> _minimum;
    std::size_t _depth = 0;
    std::size_t _scannerDepth = 0; ///< of the outermost scanner's collection; 0: outside
};

bool printable(std::uint8_t byte) {
    return byte > 0x20 && byte < 0x7F;
}

} // namespace

Result<HidLayout> HidLayout::parse(std::span<const std::uint8_t> descriptor) {
    const auto refuse = [](const char* what) {
        return tl::make_unexpected(Error{Fault::invalid, what});
    };
    Parser parser;
    if (descriptor.size() > kDescriptorMaxBytes || !parser.run(descriptor))
        return refuse("the device describes its reports in a way that is broken");
    HidLayout layout;
    for (auto& [id, fields] : parser.reports) {
        if (!fields.data) continue;
        HidReport report = fields.report;
        if (id != 0) report.id = static_cast<std::uint8_t>(id);
        report.bytes = (fields.bits + 7) / 8 + (id != 0 ? 1 : 0);
        layout._reports.push_back(report);
    }
    if (layout._reports.empty()) return refuse("the device describes no report of scanned codes");
    return layout;
}

HidLayout HidLayout::standard() {
    constexpr std::size_t kBytes = 64;
    HidReport report;
    report.id = 2;
    report.bytes = kBytes;
    report.lengthAt = 1;
    report.symbologyAt = {2, 3, 4};
    report.dataAt = 5;
    report.dataBytes = 56;
    report.continuedBit = (kBytes - 1) * 8;
    HidLayout layout;
    layout._reports.push_back(report);
    return layout;
}

std::optional<HidPiece> HidLayout::decode(std::span<const std::uint8_t> report) const {
    const auto form = std::find_if(_reports.begin(), _reports.end(), [&](const HidReport& one) {
        return !one.id || (!report.empty() && report.front() == *one.id);
    });
    if (form == _reports.end() || report.size() <= form->dataAt) return std::nullopt;
    const auto has = [&](std::optional<std::size_t> at) { return at && *at < report.size(); };
    HidPiece piece;
    auto data = report.subspan(form->dataAt);
    data = data.first(std::min(data.size(), form->dataBytes));
    if (has(form->lengthAt)) {
        data = data.first(std::min<std::size_t>(data.size(), report[*form->lengthAt]));
    } else {
        while (!data.empty() && data.back() == 0) data = data.first(data.size() - 1);
    }
    piece.data.assign(data.begin(), data.end());
    for (const auto& at : form->symbologyAt)
        if (has(at) && printable(report[*at])) piece.symbology += static_cast<char>(report[*at]);
    if (piece.symbology.size() != form->symbologyAt.size() || piece.symbology[0] != ']')
        piece.symbology.clear();
    if (form->continuedBit && *form->continuedBit / 8 < report.size()) {
        const unsigned byte = report[*form->continuedBit / 8];
        piece.continued = ((byte >> (*form->continuedBit % 8)) & 1U) != 0;
    }
    return piece;
}

std::size_t HidLayout::maxBytes() const noexcept {
    std::size_t most = 0;
    for (const HidReport& report : _reports) most = std::max(most, report.bytes);
    return most;
}

} // namespace souffleur::scanner
