// Policy packs: law and wordings as data. TOML in, consent::Policy out, or one error that names
// file, line and key and says what to do. The format is in plugin/policy/README.md.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/consent/Policy.h"
#include "plugin/crypto/SigningKey.h"
#include "plugin/policy/House.h"
#include "plugin/policy/Wordings.h"

namespace souffleur::policy {

inline constexpr std::size_t kPackMaxBytes = 1024 * 1024;

/// Loads packs for one house. Built-in packs are trusted as part of the program; every other pack
/// must carry a detached Ed25519 signature (`pack.toml.sig`: base64url of 64 bytes over
/// "souffleur-pack-1\n" ‖ the pack's bytes) by one of the trusted keys. Immutable, any thread.
class PackLoader {
public:
    explicit PackLoader(House house, FrozenWordings frozen = {},
                        std::vector<crypto::PublicKey> trusted = {});

    /// A pack from the binary, "nl". Errors: notFound, conflict (a frozen wording changed), invalid
    /// (the house lacks what the pack needs).
    [[nodiscard]] Result<consent::Policy> builtIn(std::string_view id) const;
    /// `path` and `path` + ".sig". Errors: notFound, refused (no or a wrong signature), tooLarge,
    /// invalid, conflict.
    [[nodiscard]] Result<consent::Policy> file(const std::filesystem::path& path) const;
    /// A signed pack from memory (pushed by the hub). `name` is used in errors.
    [[nodiscard]] Result<consent::Policy> bytes(std::string_view toml, std::string_view name,
                                                std::string_view signature) const;
    /// Parses and validates without any signature: for `policy check`, tests and fuzzing; the
    /// result must not be put in force.
    [[nodiscard]] Result<consent::Policy> check(std::string_view toml, std::string_view name) const;

    [[nodiscard]] const House& house() const { return _house; }

private:
    House _house;
    FrozenWordings _frozen;
    std::vector<crypto::PublicKey> _trusted;
};

/// Ids of the packs in the binary, sorted.
std::vector<std::string> builtInPacks();
/// The text of a built-in pack; empty = no such pack.
std::string_view builtInPack(std::string_view id);
/// The content of pack.toml.sig.
std::string signPack(std::string_view toml, const crypto::SigningKey& key);

} // namespace souffleur::policy
