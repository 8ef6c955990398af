#include "plugin/policy/PackLoader.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "plugin/policy/PackParser.h"

namespace souffleur::policy {
namespace texts {
std::string_view file(std::string_view name); // generated from packs/ and wordings/
}
namespace {

constexpr std::array<std::string_view, 6> kBuiltIn{"de", "es-ct", "fr", "gb", "nl", "ru"};
constexpr std::size_t kSignatureMaxBytes = 256;

std::string signedBytes(std::string_view toml) {
    return "souffleur-pack-1\n" + std::string(toml);
}

Result<std::string> readBounded(const std::filesystem::path& path, std::size_t maxBytes) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return fail(Code::notFound, "the file cannot be read; check that it is there",
                    path.filename().string());
    }
    std::string text(maxBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > maxBytes) {
        return fail(Code::tooLarge,
                    "the file is larger than " + std::to_string(maxBytes) + " bytes",
                    path.filename().string());
    }
    return text;
}

} // namespace

PackLoader::PackLoader(House house, FrozenWordings frozen, std::vector<crypto::PublicKey> trusted)
    : _house(std::move(house)), _frozen(std::move(frozen)), _trusted(std::move(trusted)) {}

Result<consent::Policy> PackLoader::check(std::string_view toml, std::string_view name) const {
    auto policy = parsePack(toml, name, _house);
    if (!policy) {
        return policy;
    }
    if (auto ok = checkFrozen(*policy, _frozen); !ok) {
        return fail(ok.error().code, ok.error().message,
                    std::string(name) + ": notice " + ok.error().where);
    }
    return policy;
}

Result<consent::Policy> PackLoader::builtIn(std::string_view id) const {
    const std::string_view text = builtInPack(id);
    if (text.empty()) {
        return fail(Code::notFound,
                    "there is no built-in pack of this name; built in are de, "
                    "es-ct, fr, gb, nl, ru",
                    id == _house.pack && !_house.packWhere.empty() ? _house.packWhere : "pack");
    }
    return check(text, std::string(id) + ".toml");
}

Result<consent::Policy> PackLoader::bytes(std::string_view toml, std::string_view name,
                                          std::string_view signature) const {
    const auto end = signature.find_last_not_of(" \r\n");
    const auto parsed = crypto::parseSignature(
        end == std::string_view::npos ? std::string_view{} : signature.substr(0, end + 1));
    const std::string message = signedBytes(toml);
    const bool good = parsed && std::any_of(_trusted.begin(), _trusted.end(), [&](const auto& key) {
                          return crypto::verify(key, message, *parsed);
                      });
    if (!good) {
        return fail(Code::refused,
                    "the pack is not signed by a key this house trusts; have it signed at head "
                    "office and install both files again",
                    std::string(name) + ".sig");
    }
    return check(toml, name);
}

Result<consent::Policy> PackLoader::file(const std::filesystem::path& path) const {
    auto toml = readBounded(path, kPackMaxBytes);
    if (!toml) {
        return passOn(toml);
    }
    auto signature = readBounded(path.string() + ".sig", kSignatureMaxBytes);
    if (!signature) {
        return fail(Code::refused,
                    "the pack has no readable signature beside it; have it signed at head office",
                    path.filename().string() + ".sig");
    }
    return bytes(*toml, path.filename().string(), *signature);
}

std::vector<std::string> builtInPacks() {
    return {kBuiltIn.begin(), kBuiltIn.end()};
}

std::string_view builtInPack(std::string_view id) {
    return std::find(kBuiltIn.begin(), kBuiltIn.end(), id) == kBuiltIn.end()
               ? std::string_view{}
               : texts::file(std::string(id) + ".toml");
}

std::string signPack(std::string_view toml, const crypto::SigningKey& key) {
    return crypto::signatureText(key.sign(signedBytes(toml))) + "\n";
}

} // namespace souffleur::policy
