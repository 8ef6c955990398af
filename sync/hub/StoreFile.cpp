#include "sync/hub/StoreFile.h"

#include <fstream>
#include <iterator>
#include <toml++/toml.h>

#include "plugin/base/TomlGuard.h"
#include "plugin/crypto/PrivateFile.h"

namespace souffleur::hub {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr const char* kStore = "store";
constexpr const char* kPasswordFile = "store-password-file";

Result<std::string> textOf(const toml::table& table, const char* key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::string();
    const auto text = node->value_exact<std::string>();
    if (!text || text->empty())
        return fail(Code::invalid, std::string(key) + " must be a text", kStoreFile);
    return *text;
}

Result<toml::table> parsed(const std::string& text) {
    // What is wrong in it is not repeated: it may be a password.
    const auto wrong = fail(Code::invalid, "this is not TOML: check quotes", kStoreFile);
    if (!guardToml(text, kStoreFile)) return wrong;
    try {
        return toml::parse(text);
    } catch (const std::exception&) {
        return wrong;
    }
}

std::string quoted(const std::string& value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

bool printable(const std::string& value) {
    return value.find_first_of(std::string("\n\r\t\0", 4)) == std::string::npos;
}

} // namespace

Result<store::PostgresPlace> readStoreFile(const fs::path& folder) {
    const fs::path file = folder / kStoreFile;
    std::error_code failed;
    if (!fs::exists(file, failed)) return store::PostgresPlace{};
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in || text.size() > kMaxBytes)
        return fail(Code::storage, "the file cannot be read", file.string());
    const auto table = parsed(text);
    if (!table) return passOn(table);
    for (const auto& [key, value] : *table) {
        if (key.str() != kStore && key.str() != kPasswordFile)
            return fail(Code::invalid, "only store and store-password-file may stand here",
                        kStoreFile);
    }
    auto address = textOf(*table, kStore);
    if (!address) return passOn(address);
    const auto password = textOf(*table, kPasswordFile);
    if (!password) return passOn(password);
    if (address->empty())
        return fail(Code::invalid, "store = \"postgresql://…\" is missing", kStoreFile);
    return store::PostgresPlace{*std::move(address),
                                password->empty() ? fs::path() : folder / *password};
}

Result<void> writeStoreFile(const fs::path& folder, const store::PostgresPlace& place) {
    const fs::path file = folder / kStoreFile;
    std::error_code failed;
    if (fs::exists(file, failed))
        return fail(Code::conflict, "the folder names its store already", file.string());
    if (!printable(place.address) || !printable(place.passwordFile.string()))
        return fail(Code::invalid, "an address and a file are one line each");
    std::string text = std::string(kStore) + " = " + quoted(place.address) + "\n";
    if (!place.passwordFile.empty())
        text += std::string(kPasswordFile) + " = " + quoted(place.passwordFile.string()) + "\n";
    return crypto::writePrivateFile(file, text);
}

Result<std::unique_ptr<store::Store>> openStoreOf(const fs::path& folder,
                                                  const store::StoreKeys& keys, bool alone) {
    const auto place = readStoreFile(folder);
    if (!place) return passOn(place);
    if (place->address.empty()) return store::openSqlite(folder.string(), keys, alone);
    return store::openPostgres(folder.string(), *place, keys, alone);
}

} // namespace souffleur::hub
