#include "plugin/crypto/Pin.h"

#include <argon2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <stdexcept>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::crypto {

namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 32;
constexpr std::size_t kPepperMinBytes = 16;
// What verify() is willing to spend on a stored string: raised parameters pass, absurd ones do not.
constexpr std::uint32_t kMemoryMaxKib = 256 * 1024;
constexpr std::uint32_t kPassesMax = 16;
constexpr std::uint32_t kLanesMax = 4;
constexpr std::size_t kPhcMaxChars = 256;

struct Phc {
    std::uint32_t memoryKib = kPinMemoryKib;
    std::uint32_t passes = kPinPasses;
    std::uint32_t lanes = kPinLanes;
    std::string salt;
    std::string tag;
};

std::string unpadded(std::string_view bytes) {
    std::string text = toBase64(bytes);
    while (text.ends_with('=')) text.pop_back();
    return text;
}

Result<std::string> fromUnpadded(std::string_view text) {
    std::string padded(text);
    padded.append((4 - padded.size() % 4) % 4, '=');
    return fromBase64(padded);
}

std::string format(const Phc& phc) {
    return "$argon2id$v=19$m=" + std::to_string(phc.memoryKib) +
           ",t=" + std::to_string(phc.passes) + ",p=" + std::to_string(phc.lanes) + "$" +
           unpadded(phc.salt) + "$" + unpadded(phc.tag);
}

bool takeWord(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

bool takeNumber(std::string_view& text, std::uint32_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool withinBounds(const Phc& phc) {
    return phc.lanes >= 1 && phc.lanes <= kLanesMax && phc.passes >= 1 &&
           phc.passes <= kPassesMax && phc.memoryKib >= 8 * phc.lanes &&
           phc.memoryKib <= kMemoryMaxKib && phc.salt.size() >= 8 && phc.salt.size() <= 64 &&
           phc.tag.size() >= 16 && phc.tag.size() <= 64;
}

Result<Phc> parse(std::string_view text) {
    const auto corrupt = fail(Code::corrupt, "a stored PIN hash cannot be read: set the PIN again");
    Result<Phc> out = Phc{};
    Phc& phc = *out;
    if (text.size() > kPhcMaxChars || !takeWord(text, "$argon2id$v=19$m=") ||
        !takeNumber(text, phc.memoryKib) || !takeWord(text, ",t=") ||
        !takeNumber(text, phc.passes) || !takeWord(text, ",p=") || !takeNumber(text, phc.lanes) ||
        !takeWord(text, "$")) {
        return corrupt;
    }
    const std::size_t dollar = text.find('$');
    if (dollar == std::string_view::npos) return corrupt;
    auto salt = fromUnpadded(text.substr(0, dollar));
    auto tag = fromUnpadded(text.substr(dollar + 1));
    if (!salt || !tag) return corrupt;
    phc.salt = std::move(*salt);
    phc.tag = std::move(*tag);
    if (!withinBounds(phc)) return corrupt;
    return out;
}

std::uint8_t* bytes(std::string& text) {
    return reinterpret_cast<std::uint8_t*>(text.data());
}

/// Fills phc.tag. argon2 only reads its inputs, its interface just lacks the const.
void derive(Phc& phc, std::string pin, std::string_view pepper) {
    std::string secret(pepper);
    argon2_context context{};
    context.out = bytes(phc.tag);
    context.outlen = static_cast<std::uint32_t>(phc.tag.size());
    context.pwd = bytes(pin);
    context.pwdlen = static_cast<std::uint32_t>(pin.size());
    context.salt = bytes(phc.salt);
    context.saltlen = static_cast<std::uint32_t>(phc.salt.size());
    context.secret = bytes(secret);
    context.secretlen = static_cast<std::uint32_t>(secret.size());
    context.t_cost = phc.passes;
    context.m_cost = phc.memoryKib;
    context.lanes = phc.lanes;
    context.threads = 1;
    context.flags = ARGON2_DEFAULT_FLAGS;
    context.version = ARGON2_VERSION_13;
    const int outcome = argon2id_ctx(&context);
    wipe(secret);
    wipe(pin);
    if (outcome != ARGON2_OK) throw std::runtime_error(argon2_error_message(outcome));
}

} // namespace

PinHasher::PinHasher(Secret pepper) : _pepper(std::move(pepper)) {
    if (_pepper.view().size() < kPepperMinBytes) {
        throw std::invalid_argument("PinHasher: a pepper has 16 bytes at least");
    }
}

Result<std::string> PinHasher::hash(std::string_view pin, Random& random) const {
    if (pin.empty()) return fail(Code::invalid, "a PIN cannot be empty");
    if (pin.size() > kPinMaxBytes) return fail(Code::tooLarge, "the PIN is too long");
    Phc phc;
    phc.salt = std::string(kSaltBytes, '\0');
    phc.tag = std::string(kTagBytes, '\0');
    random.fill(std::as_writable_bytes(std::span{phc.salt}));
    derive(phc, std::string(pin), _pepper.view());
    return format(phc);
}

Result<bool> PinHasher::verify(std::string_view pin, std::string_view phc) const {
    const auto stored = parse(phc);
    if (!stored) return passOn(stored);
    if (pin.empty() || pin.size() > kPinMaxBytes) return false;
    Phc again = *stored;
    derive(again, std::string(pin), _pepper.view());
    return equalConstantTime(again.tag, stored->tag);
}

Result<std::string> PinHasher::badge(std::string_view code) const {
    constexpr std::string_view kSpace = " \t\r\n";
    code.remove_prefix(std::min(code.find_first_not_of(kSpace), code.size()));
    code = code.substr(0, code.find_last_not_of(kSpace) + 1);
    if (code.size() > kPinMaxBytes) return fail(Code::tooLarge, "the badge's code is too long");
    const bool strange = std::any_of(code.begin(), code.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (code.size() < kBadgeMinBytes || strange) {
        return fail(Code::invalid, "a badge's code has 8 characters at least, all of them visible");
    }
    Phc phc;
    phc.salt = std::string(bytesOf(hmacSha256(_pepper.view(), "souffleur-badge-salt-1")))
                   .substr(0, kSaltBytes);
    phc.tag = std::string(kTagBytes, '\0');
    derive(phc, std::string(code), _pepper.view());
    return format(phc);
}

} // namespace souffleur::crypto
