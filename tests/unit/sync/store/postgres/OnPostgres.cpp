// Each folder's house is a schema of one database, on a server that this process starts.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "plugin/crypto/Encoding.h"
#include "tests/support/Postgres.h"
#include "tests/unit/sync/store/Database.h"

namespace souffleur::test {
namespace {

/// Each case of a property makes houses anew, which takes a server a while.
struct FewerCases {
    FewerCases() { ::setenv("RC_PARAMS", "max_success=20", 0); }
} const fewerCases;

/// Which tables those of this build are: one for each of PostgresSession's migrations.
constexpr int kTables = 7;

struct Houses {
    Houses() { server.database("houses"); }
    std::string schemaOf(const std::string& folder) {
        if (const auto found = schemas.find(folder); found != schemas.end()) return found->second;
        const std::string name = emptied();
        return schemas[folder] = name.empty() ? made() : name;
    }
    std::string made() {
        const std::string name = "house" + std::to_string(++count);
        run("CREATE SCHEMA " + name);
        return name;
    }
    /// One whose folder is gone, without its rows: making tables takes longer.
    std::string emptied() {
        const auto gone = std::find_if(schemas.begin(), schemas.end(), [](const auto& each) {
            return !std::filesystem::exists(each.first);
        });
        if (gone == schemas.end()) return {};
        const std::string name = gone->second;
        schemas.erase(gone);
        const std::string tables = run("SELECT string_agg('DELETE FROM ' || schemaname || '.' || "
                                       "tablename, '; ') FROM pg_tables WHERE schemaname = '" +
                                       name + "' AND tablename NOT IN ('souffleur_hub', 'shards')");
        if (!tables.empty())
            run(tables + "; UPDATE " + name + ".shards SET pos = 0; UPDATE " + name +
                ".souffleur_hub SET version = " + std::to_string(kTables));
        return name;
    }
    std::string run(const std::string& statements) {
        return server.as(Postgres::kUser, "houses", statements);
    }

    Postgres server;
    std::map<std::string, std::string> schemas; ///< by folder
    int count = 0;
};

Houses& houses() {
    static Houses all;
    return all;
}

/// Runs `each` for every table of the schema, with %1$I the schema and %2$I the table.
std::string forTables(const std::string& schema, const std::string& each) {
    return "DO $do$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE "
           "schemaname = '" +
           schema + "' LOOP EXECUTE format('" + each + "', '" + schema +
           "', t); END LOOP; END $do$";
}

} // namespace

bool onPostgres() {
    return true;
}

Result<std::unique_ptr<store::Store>> tryOpen(const std::string& folder,
                                              const store::StoreKeys& keys) {
    const std::string schema = houses().schemaOf(folder);
    return store::openPostgres(
        folder,
        {houses().server.address("houses") + " options='-c search_path=" + schema + "'", {}}, keys);
}

void sql(const std::string& folder, const std::string& statements) {
    houses().run("SET search_path = " + houses().schemaOf(folder) + "; " + statements);
}

std::string blob(std::string_view bytes) {
    return "'\\x" + crypto::toHex(bytes) + "'";
}

void copyStore(const std::string& from, const std::string& to) {
    const std::string target = houses().schemaOf(to);
    const std::string source = houses().schemaOf(from);
    houses().run("DROP SCHEMA " + target + " CASCADE; CREATE SCHEMA " + target);
    houses().run(forTables(source, "CREATE TABLE " + target +
                                       ".%2$I (LIKE %1$I.%2$I INCLUDING ALL); INSERT INTO " +
                                       target + ".%2$I SELECT * FROM %1$I.%2$I"));
}

bool storeHolds(const std::string& folder, std::string_view word) {
    const std::string schema = houses().schemaOf(folder);
    houses().run("DROP TABLE IF EXISTS public.found; CREATE TABLE public.found (what text)");
    houses().run(
        forTables(schema, "INSERT INTO public.found SELECT each::text FROM %1$I.%2$I AS each WHERE "
                          "each::text LIKE ''%%" +
                              std::string(word) + "%%'' OR each::text LIKE ''%%" +
                              crypto::toHex(word) + "%%''"));
    return houses().run("SELECT count(*) FROM public.found") != "0";
}

} // namespace souffleur::test
