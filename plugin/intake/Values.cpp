// Dates, amounts and safe cells.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <iterator>
#include <ostream>

#include "plugin/contact/Text.h"
#include "plugin/intake/RecordReader.h"

namespace souffleur::intake {
namespace {

constexpr std::size_t kDateMaxBytes = 40;

constexpr std::string_view kFormats[] = {
    "%Y-%m-%d",          "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",    "%d-%m-%Y",          "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M",
    "%d/%m/%Y",          "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M",    "%d.%m.%Y",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M",    "%Y/%m/%d",          "%d-%m-%y",
    "%d/%m/%y",          "%d.%m.%y",
};

bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}

struct Parts {
    int year = -1;
    int month = -1;
    int day = -1;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

/// Takes up to `most` digits, at least one.
bool take(std::string_view& text, std::size_t most, int& out) noexcept {
    std::size_t count = 0;
    int value = 0;
    while (count < most && count < text.size() && isDigit(text[count]))
        value = value * 10 + (text[count++] - '0');
    text.remove_prefix(count);
    out = value;
    return count > 0;
}

bool takePart(char letter, std::string_view& text, Parts& out) noexcept {
    const std::size_t before = text.size();
    switch (letter) {
    case 'Y':
        return take(text, 4, out.year) && before - text.size() == 4;
    case 'y':
        if (!take(text, 2, out.year) || before - text.size() != 2) return false;
        out.year += out.year < 70 ? 2000 : 1900;
        return true;
    case 'm':
        return take(text, 2, out.month);
    case 'd':
        return take(text, 2, out.day);
    case 'H':
        return take(text, 2, out.hour);
    case 'M':
        return take(text, 2, out.minute);
    case 'S':
        return take(text, 2, out.second);
    default:
        return false;
    }
}

bool readAs(std::string_view text, std::string_view format, Parts& out) noexcept {
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] == '%' && i + 1 < format.size()) {
            if (!takePart(format[++i], text, out)) return false;
        } else if (!text.empty() && text.front() == format[i]) {
            text.remove_prefix(1);
        } else {
            return false;
        }
    }
    return text.empty();
}

std::optional<TimeMs> timeOf(const Parts& parts) {
    const std::chrono::year_month_day date{std::chrono::year(parts.year),
                                           std::chrono::month(static_cast<unsigned>(parts.month)),
                                           std::chrono::day(static_cast<unsigned>(parts.day))};
    const bool known = parts.year >= 0 && parts.month >= 0 && parts.day >= 0;
    if (!known || !date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 59)
        return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    const TimeMs at =
        days * kDayMs + parts.hour * kHourMs + parts.minute * kMinuteMs + parts.second * kSecondMs;
    if (at < kMinTime || at > kMaxTime) return std::nullopt;
    return at;
}

/// Where the cents begin: a point or comma with one or two digits after it, and the last of its
/// kind.
std::size_t decimalMark(std::string_view digits) noexcept {
    const std::size_t mark = digits.find_last_of(".,");
    if (mark == std::string_view::npos) return mark;
    const std::size_t after = digits.size() - mark - 1;
    return after == 1 || after == 2 ? mark : std::string_view::npos;
}

} // namespace

Result<TimeMs> readDate(std::string_view text, const std::vector<std::string>& formats) {
    text = contact::trimmed(text);
    if (text.empty() || text.size() > kDateMaxBytes)
        return fail(Code::invalid, "this is not a date");
    const auto attempt = [&](std::string_view format) -> std::optional<TimeMs> {
        Parts parts;
        return readAs(text, format, parts) ? timeOf(parts) : std::nullopt;
    };
    for (const std::string& format : formats) {
        if (const auto at = attempt(format)) return *at;
    }
    for (const std::string_view format : kFormats) {
        if (const auto at = attempt(format)) return *at;
    }
    if (Result<TimeMs> at = parseTime(text)) return at;
    return fail(Code::invalid, "this is not a date that exists");
}

Result<std::int64_t> readAmount(std::string_view text) {
    const auto bad = [] { return fail(Code::invalid, "this is not an amount of money"); };
    if (text.size() > 64) return bad();
    std::string digits;
    bool negative = false;
    const std::string clean = contact::cleanLine(text);
    for (std::size_t i = 0; i < clean.size(); ++i) {
        const char c = clean[i];
        if (isDigit(c) || c == '.' || c == ',')
            digits += c;
        else if (c == '-' && digits.empty())
            negative = true;
        else if (c == '-' && !digits.empty() && !isDigit(digits.back()))
            digits.pop_back(); // "12,-"
        else if (c == '-')
            return bad();
    }
    if (digits.empty()) return bad();
    const std::size_t mark = decimalMark(digits);
    std::string whole;
    for (std::size_t i = 0; i < std::min(mark, digits.size()); ++i) {
        if (isDigit(digits[i])) whole += digits[i];
    }
    std::string cents = mark == std::string::npos ? "00" : digits.substr(mark + 1);
    cents.resize(2, '0');
    whole += cents;
    std::int64_t value = 0;
    if (whole.size() > 14 ||
        std::from_chars(whole.data(), whole.data() + whole.size(), value).ec != std::errc())
        return bad();
    return negative ? -value : value;
}

std::string csvCell(std::string_view text) {
    std::string cell;
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
        cell += '\'';
    std::copy_if(text.begin(), text.end(), std::back_inserter(cell),
                 [](char c) { return c != '\0'; });
    if (cell.find_first_of(",;|\t\"\r\n") == std::string::npos) return cell;
    std::string out = "\"";
    for (const char c : cell) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

RejectsWriter::RejectsWriter(std::ostream& out) : _out(out) {}

void RejectsWriter::begin(const std::vector<std::string>& headings, char delimiter) {
    if (delimiter != '\0') _delimiter = delimiter;
    _out << "\xEF\xBB\xBF"
         << "row" << _delimiter << "reason";
    for (const std::string& heading : headings) _out << _delimiter << csvCell(heading);
    _out << "\r\n";
}

void RejectsWriter::write(const Reject& reject) {
    _out << reject.row << _delimiter << csvCell(reject.reason);
    for (const std::string& cell : reject.cells) _out << _delimiter << csvCell(cell);
    _out << "\r\n";
}

} // namespace souffleur::intake
