#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "plugin/crypto/Encoding.h"
#include "tests/unit/sync/store/Database.h"

namespace souffleur::test {

namespace fs = std::filesystem;

bool onPostgres() {
    return false;
}

Result<std::unique_ptr<store::Store>> tryOpen(const std::string& folder,
                                              const store::StoreKeys& keys) {
    return store::openSqlite(folder, keys);
}

void sql(const std::string& folder, const std::string& statements) {
    SQLite::Database db(folder + "/hub.db", SQLite::OPEN_READWRITE);
    db.exec(statements);
}

std::string blob(std::string_view bytes) {
    return "X'" + crypto::toHex(bytes) + "'";
}

void copyStore(const std::string& from, const std::string& to) {
    fs::remove(to + "/hub.db-wal");
    fs::copy_file(from + "/hub.db", to + "/hub.db", fs::copy_options::overwrite_existing);
}

bool storeHolds(const std::string& folder, std::string_view word) {
    const fs::directory_iterator files(folder);
    return std::any_of(begin(files), end(files), [&](const fs::directory_entry& each) {
        std::ifstream in(each.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        return bytes.find(word) != std::string::npos;
    });
}

} // namespace souffleur::test
