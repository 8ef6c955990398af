#include "plugin/ledger/Vault.h"

#include <algorithm>
#include <span>

#include "plugin/crypto/Aead.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/ledger/Parts.h"
#include "plugin/ledger/Rows.h"
#include "plugin/wire/Payload.h"

namespace souffleur::ledger {
namespace {

/// Up to where the own chain was looked through for captures that are not sealed.
constexpr std::string_view kSealedTo = "sealed-to";
constexpr std::string_view kVaultId = "vault";
constexpr std::size_t kVaultIdBytes = 16;
constexpr std::size_t kSealMax = 1000;

tl::unexpected<Error> noKey() {
    return fail(Code::locked, "this till waits for head office's word to open what it sealed",
                "lease");
}

} // namespace

bool isPart(std::string_view payload) noexcept {
    // A salt is random: nobody's is all zero.
    return payload.size() > wire::kSaltBytes && payload.find_first_not_of('\0') == wire::kSaltBytes;
}

Result<std::string> partOf(const Hasher& hasher, std::string_view payload) {
    auto person = wire::decodePayload(payload);
    if (!person) return passOn(person);
    for (wire::ContactPoint& point : person->contacts) {
        const std::string shown = maskedOf(point, *person);
        point.canonical = sealedCanonical(keyOf(hasher, point));
        point.typed = shown;
    }
    person->address = {};
    return wire::encodePayload(wire::Salt{}, *person);
}

void Vault::hold(const crypto::Hash& key) {
    const std::lock_guard lock(_mutex);
    _key = key;
}

void Vault::drop() noexcept {
    const std::lock_guard lock(_mutex);
    if (_key) crypto::wipe(_key->data(), _key->size());
    _key.reset();
}

bool Vault::holds() const {
    const std::lock_guard lock(_mutex);
    return _key.has_value();
}

Result<std::string> Vault::seal(const EventId& event, std::string_view payload,
                                Random& random) const {
    crypto::Nonce nonce{};
    random.fill(std::as_writable_bytes(std::span(nonce)));
    const std::lock_guard lock(_mutex);
    if (!_key) return noKey();
    return crypto::sealWith(*_key, nonce, crypto::bytesOf(event.uuid.bytes), payload);
}

Result<std::string> Vault::open(const EventId& event, std::string_view sealed) const {
    const std::lock_guard lock(_mutex);
    if (!_key) return noKey();
    const auto plain = crypto::openWith(*_key, crypto::bytesOf(event.uuid.bytes), sealed);
    if (!plain) return passOn(plain);
    return std::string(plain->view());
}

Result<void> Ledger::Parts::hide(Prepared& event) {
    if (event.payload.empty() || !vault.holds()) return {};
    auto part = partOf(hasher, event.payload);
    if (!part) return passOn(part);
    const std::lock_guard lock(randomMutex);
    auto sealed = vault.seal(event.event.id, event.payload, random);
    // The key went meanwhile: no answer is refused for it, and it is sealed later.
    if (!sealed && sealed.error().code == Code::locked) return {};
    if (!sealed) return passOn(sealed);
    crypto::wipe(event.payload);
    event.payload = *std::move(part);
    event.sealed = *std::move(sealed);
    return {};
}

void Ledger::holdKey(const crypto::Hash& key) {
    _parts->vault.hold(key);
}

void Ledger::dropKey() noexcept {
    _parts->vault.drop();
}

bool Ledger::holdsKey() const {
    return _parts->vault.holds();
}

Result<std::string> Ledger::vaultId() {
    return _parts->database->write<std::string>([&](Connection& c) -> Result<std::string> {
        if (auto known = metaText(c, kVaultId); !known.empty()) return known;
        std::string raw(kVaultIdBytes, '\0');
        const std::lock_guard lock(_parts->randomMutex);
        _parts->random.fill(std::as_writable_bytes(std::span(raw)));
        std::string made = crypto::toHex(raw);
        putMeta(c, kVaultId, std::string_view(made));
        return made;
    });
}

Result<std::size_t> Ledger::sealCaptures(std::size_t limit) {
    Parts& parts = *_parts;
    limit = std::clamp<std::size_t>(limit, 1, kSealMax);
    if (!parts.vault.holds() || !parts.openCaptures.exchange(false)) return std::size_t{0};
    Recorder::Touched touched;
    bool more = false;
    auto done = parts.database->write<std::size_t>([&](Connection& c) -> Result<std::size_t> {
        struct Open {
            std::int64_t num;
            EventId id;
            std::string payload;
        };
        std::vector<Open> all;
        std::int64_t to = metaNumber(c, kSealedTo);
        {
            Query rows = c.query("chain-open");
            rows.bind(1, to).bind(2, limit);
            while (rows.step()) {
                to = rows.integer(0);
                if (isPart(rows.bytes(3))) continue;
                all.push_back({rows.integer(1), rows.id<EventId>(2), rows.text(3)});
                if (rows.isNull(4)) continue;
                touched.states.emplace(rows.integer(5), rows.id<SubjectId>(4));
                touched.people.insert(rows.integer(5));
            }
            more = to != metaNumber(c, kSealedTo);
        }
        for (const Open& each : all) {
            auto part = partOf(parts.hasher, each.payload);
            if (!part) continue; // of a later build: it stays as it is
            const std::lock_guard lock(parts.randomMutex);
            auto sealed = parts.vault.seal(each.id, each.payload, parts.random);
            if (!sealed) return passOn(sealed);
            c.query("event-part").bind(1, each.num).bindBlob(2, *part).run();
            c.query("sealed-add").bind(1, each.num).bindBlob(2, *sealed).run();
        }
        if (more) putMeta(c, kSealedTo, to);
        parts.recorder.refresh(c, touched);
        return all.size();
    });
    if (!done || more) parts.openCaptures = true;
    return done;
}

} // namespace souffleur::ledger
