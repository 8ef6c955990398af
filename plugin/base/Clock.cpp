#include "plugin/base/Clock.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace souffleur {
namespace {

namespace chr = std::chrono;

/// A count with a fixed number of digits at the start of `text`, which is moved past it.
bool takeDigits(std::string_view& text, std::size_t count, int& value) {
    if (text.size() < count) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
    if (error != std::errc{} || end != text.data() + count || text[0] == '-') return false;
    text.remove_prefix(count);
    return true;
}

bool takeChar(std::string_view& text, char c) {
    if (text.empty() || text[0] != c) return false;
    text.remove_prefix(1);
    return true;
}

bool takeFraction(std::string_view& text, int& ms) {
    ms = 0;
    if (!takeChar(text, '.')) return true;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
        if (digits < 3) ms = ms * 10 + (text[digits] - '0');
    }
    if (digits == 0 || digits > 9) return false;
    for (std::size_t i = digits; i < 3; ++i) ms *= 10;
    text.remove_prefix(digits);
    return true;
}

bool takeZone(std::string_view& text, int& offsetMin) {
    offsetMin = 0;
    if (takeChar(text, 'Z') || takeChar(text, 'z')) return true;
    const bool minus = !text.empty() && text[0] == '-';
    if (!minus && (text.empty() || text[0] != '+')) return false;
    text.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    if (!takeDigits(text, 2, hours) || !takeChar(text, ':') || !takeDigits(text, 2, minutes))
        return false;
    if (hours > 23 || minutes > 59) return false;
    offsetMin = (minus ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

/// Goes on while the machine is suspended.
TimeMs bootMs() {
    std::timespec now{};
    (void) ::clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * kSecondMs + now.tv_nsec / 1'000'000;
}

} // namespace

void ClockTrust::synced(TimeMs uncMs, TimeMs wall, TimeMs boot) noexcept {
    _unc = uncMs;
    _wall = wall;
    _boot = boot;
}

TimeMs ClockTrust::unc(TimeMs wall, TimeMs boot) const noexcept {
    if (_unc == kUncInfinite) return kUncInfinite;
    const TimeMs passed = boot - _boot;
    const TimeMs step = (wall - _wall) - passed;
    return addSaturated(addSaturated(_unc, passed / 5000), step < 0 ? -step : step);
}

Reading SystemClock::now() const {
    const auto wall = chr::system_clock::now();
    const TimeMs at = chr::duration_cast<chr::milliseconds>(wall.time_since_epoch()).count();
    const std::time_t seconds = chr::system_clock::to_time_t(wall);
    std::tm local{};
    localtime_r(&seconds, &local);
    const std::lock_guard lock(_mutex);
    return {at, _trust.unc(at, bootMs()), static_cast<int>(local.tm_gmtoff / 60)};
}

/// A till that was shut in the evening has been idle since then: it locks when it wakes. Waits of
/// the system (poll, condition variables) may stand still meanwhile: who waits looks again
/// afterwards.
TimeMs SystemClock::monotonicMs() const {
    return bootMs();
}

void SystemClock::synced(TimeMs uncMs) {
    const std::lock_guard lock(_mutex);
    const auto wall = chr::system_clock::now().time_since_epoch();
    _trust.synced(uncMs, chr::duration_cast<chr::milliseconds>(wall).count(), bootMs());
}

std::string formatTime(TimeMs at) {
    const chr::sys_time<chr::milliseconds> time{chr::milliseconds{at}};
    const auto day = chr::floor<chr::days>(time);
    const chr::year_month_day date{day};
    const chr::hh_mm_ss clock{time - day};
    std::array<char, 40> text{};
    (void) std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                         static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                         static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                         static_cast<int>(clock.minutes().count()),
                         static_cast<int>(clock.seconds().count()),
                         static_cast<int>(clock.subseconds().count()));
    return text.data();
}

Result<TimeMs> parseTime(std::string_view text) {
    const auto bad = [] { return fail(Code::invalid, "not an RFC 3339 time or date"); };
    int year = 0;
    int month = 0;
    int day = 0;
    if (!takeDigits(text, 4, year) || !takeChar(text, '-') || !takeDigits(text, 2, month) ||
        !takeChar(text, '-') || !takeDigits(text, 2, day)) {
        return bad();
    }
    const chr::year_month_day date{chr::year{year}, chr::month{static_cast<unsigned>(month)},
                                   chr::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return bad();
    TimeMs at =
        chr::duration_cast<chr::milliseconds>(chr::sys_days{date}.time_since_epoch()).count();
    if (text.empty()) return at;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int ms = 0;
    int offsetMin = 0;
    if (!(takeChar(text, 'T') || takeChar(text, 't') || takeChar(text, ' ')) ||
        !takeDigits(text, 2, hour) || !takeChar(text, ':') || !takeDigits(text, 2, minute) ||
        !takeChar(text, ':') || !takeDigits(text, 2, second) || !takeFraction(text, ms) ||
        !takeZone(text, offsetMin) || !text.empty() || hour > 23 || minute > 59 || second > 60) {
        return bad();
    }
    at += hour * kHourMs + (minute - offsetMin) * kMinuteMs + std::min(second, 59) * kSecondMs + ms;
    return at;
}

TimeMs addMonths(TimeMs at, int months) {
    const chr::sys_time<chr::milliseconds> time{chr::milliseconds{at}};
    const auto day = chr::floor<chr::days>(time);
    const chr::year_month_day date{day};
    const auto moved = chr::year_month{date.year(), date.month()} + chr::months{months};
    const chr::year_month_day_last last{moved.year(), chr::month_day_last{moved.month()}};
    const chr::year_month_day result{moved.year(), moved.month(), std::min(date.day(), last.day())};
    const auto shifted = chr::sys_days{result} + (time - day);
    return chr::duration_cast<chr::milliseconds>(shifted.time_since_epoch()).count();
}

TimeMs addSaturated(TimeMs a, TimeMs b) noexcept {
    if (b > 0 && a > kUncInfinite - b) return kUncInfinite;
    if (b < 0 && a < std::numeric_limits<TimeMs>::min() - b)
        return std::numeric_limits<TimeMs>::min();
    return a + b;
}

} // namespace souffleur
