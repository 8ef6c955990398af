#include "kiosk/lobby/Staff.h"

#include <algorithm>

#include "plugin/crypto/Pin.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::lobby {
namespace {

constexpr std::size_t kPinMin = 4;
constexpr std::size_t kPinMax = 16;
constexpr std::int64_t kFailuresMax = 1000;

crypto::PinHasher hasher(const crypto::Hash& pepper) {
    return crypto::PinHasher(crypto::Secret(std::string(crypto::bytesOf(pepper))));
}

Result<void> write(const std::filesystem::path& file, const std::string& hash,
                   std::int64_t failures) {
    wire::JsonWriter out;
    out.beginObject().field("hash", hash).field("failures", failures).endObject();
    return crypto::writePrivateFile(file, out.take());
}

TimeMs lockFor(std::int64_t failures) {
    if (failures < kPinTries) return 0;
    TimeMs wait = kPinLockMs;
    for (std::int64_t i = kPinTries; i < failures && wait < kPinLockMaxMs; ++i) wait *= 2;
    return std::min(wait, kPinLockMaxMs);
}

} // namespace

Staff::Staff(const std::filesystem::path& folder, const crypto::Hash& pepper, const Clock& clock)
    : _file(folder / "staff.json"), _pepper(pepper), _clock(clock),
      _lockedSinceMono(clock.monotonicMs()) {}

Result<void> Staff::setPin(const std::filesystem::path& folder, const crypto::Hash& pepper,
                           std::string_view pin, Random& random) {
    const bool digits = pin.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || pin.size() < kPinMin || pin.size() > kPinMax)
        return fail(Code::invalid, "the staff menu's PIN has four to sixteen digits");
    const auto hash = hasher(pepper).hash(pin, random);
    if (!hash) return passOn(hash);
    return write(folder / "staff.json", *hash, 0);
}

bool Staff::exists() const {
    std::error_code failed;
    return std::filesystem::exists(_file, failed);
}

Outcome<void> Staff::check(std::string_view pin) {
    const std::lock_guard lock(_mutex);
    const auto text = crypto::readPrivateFile(_file);
    if (!text && text.error().code == Code::notFound) return refuse("no-staff-menu");
    if (!text) return tl::make_unexpected(problemOf(text.error()));
    wire::JsonReader in(wire::Json::parse(text->view()));
    const std::string hash = in.string("hash", 256);
    const std::int64_t failures = in.integer("failures", 0, kFailuresMax);
    if (!in.done()) return refuse("internal");
    const TimeMs left = _lockedSinceMono + lockFor(failures) - _clock.monotonicMs();
    if (left > 0) {
        Problem locked{"staff-locked-out", {}, {}, {}};
        locked.retryAfterMs = left;
        return tl::make_unexpected(std::move(locked));
    }
    // Counted before it is looked at: pulling the plug gives nobody another guess.
    const std::int64_t counted = std::min(failures + 1, kFailuresMax);
    if (auto written = write(_file, hash, counted); !written)
        return tl::make_unexpected(problemOf(written.error()));
    const auto right = hasher(_pepper).verify(pin, hash);
    if (!right) return refuse("internal");
    if (*right) {
        if (auto written = write(_file, hash, 0); !written)
            return tl::make_unexpected(problemOf(written.error()));
        return {};
    }
    _lockedSinceMono = _clock.monotonicMs();
    Problem wrong{"pin-wrong", {}, {}, {}};
    wrong.attemptsLeft = static_cast<int>(std::max<std::int64_t>(0, kPinTries - counted));
    if (const TimeMs wait = lockFor(counted); wait > 0) wrong.retryAfterMs = wait;
    return tl::make_unexpected(std::move(wrong));
}

} // namespace souffleur::lobby
