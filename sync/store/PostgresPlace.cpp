#include "sync/store/PostgresPlace.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>

#include "plugin/crypto/PrivateFile.h"

namespace souffleur::store {
namespace {

constexpr const char* kWhere = "PostgreSQL";
constexpr const char* kNoPasswords =
    "the store's address holds a password: leave it out, and put it into ~/.pgpass or into the "
    "file that store-password-file names";

using Options = std::map<std::string, std::string, std::less<>>;

/// Everything that the address says; nothing where it cannot be read.
Result<Options> optionsOf(const std::string& address) {
    char* words = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
        PQconninfoParse(address.c_str(), &words), PQconninfoFree);
    PQfreemem(words); // they may repeat what nobody should read
    if (!parsed) {
        return fail(Code::invalid,
                    "the store's address cannot be read: it is written "
                    "postgresql://USER@HOST/DATABASE or \"host=… user=… dbname=…\"",
                    kWhere);
    }
    Options out;
    for (const PQconninfoOption* each = parsed.get(); each->keyword != nullptr; ++each) {
        if (each->val != nullptr && each->val[0] != '\0') out[each->keyword] = each->val;
    }
    return out;
}

bool isLocal(std::string_view host) {
    constexpr std::array kOwn{"localhost", "127.0.0.1", "::1"};
    return host.empty() || host.front() == '/' || host.front() == '@' ||
           std::ranges::find(kOwn, host) != kOwn.end();
}

bool allLocal(std::string_view hosts) {
    while (true) {
        const std::size_t end = std::min(hosts.find(','), hosts.size());
        if (!isLocal(hosts.substr(0, end))) return false;
        if (end == hosts.size()) return true;
        hosts.remove_prefix(end + 1);
    }
}

std::string valueOr(const Options& options, std::string_view name) {
    const auto found = options.find(name);
    return found == options.end() ? std::string() : found->second;
}

/// What libpq would take from the surroundings where the address does not say it: into the open,
/// so that what is checked is what is used.
Result<void> takeSurroundings(Options& options) {
    const auto said = [](const char* name) {
        const char* const value = std::getenv(name);
        return value == nullptr ? std::string() : std::string(value);
    };
    if (options.contains("service") || !said("PGSERVICE").empty()) {
        return fail(Code::refused,
                    "the store's address does not say itself where the database is: write host and "
                    "database into it, and leave out service= and the variable PGSERVICE",
                    kWhere);
    }
    for (const auto& [name, variable] :
         {std::pair{"host", "PGHOST"}, {"hostaddr", "PGHOSTADDR"}, {"sslmode", "PGSSLMODE"}}) {
        if (auto value = said(variable); !value.empty())
            options.try_emplace(name, std::move(value));
    }
    return {};
}

Result<void> protect(Options& options) {
    if (auto open = takeSurroundings(options); !open) return open;
    if (allLocal(valueOr(options, "host")) && allLocal(valueOr(options, "hostaddr"))) return {};
    const std::string mode = valueOr(options, "sslmode");
    if (mode.empty()) options["sslmode"] = "verify-full";
    if (mode == "disable" || mode == "allow" || mode == "prefer") {
        return fail(Code::refused,
                    "the store is on another machine and its connection would not be protected: "
                    "use sslmode=verify-full (or require, which does not check who answers)",
                    kWhere);
    }
    return {};
}

Result<std::string> passwordFrom(const std::filesystem::path& file) {
    const auto read = crypto::readPrivateFile(file);
    if (!read) return passOn(read);
    std::string_view line = read->view();
    line = line.substr(0, std::min(line.find_first_of("\r\n"), line.size()));
    if (line.empty()) return fail(Code::invalid, "the password file is empty", file.string());
    return std::string(line);
}

void append(std::string& text, std::string_view name, std::string_view value) {
    text.append(text.empty() ? "" : " ").append(name).append("='");
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    text += '\'';
}

bool says(std::string_view words, std::string_view what) {
    return words.find(what) != std::string_view::npos;
}

Error away(std::string message) {
    return {Code::unavailable, std::move(message), kWhere};
}

} // namespace

Result<crypto::Secret> connectionText(const PostgresPlace& place) {
    auto options = optionsOf(place.address);
    if (!options) return passOn(options);
    if (options->contains("password") || options->contains("sslpassword"))
        return fail(Code::invalid, kNoPasswords, kWhere);
    if (auto safe = protect(*options); !safe) return passOn(safe);
    if (!options->contains("dbname"))
        return fail(Code::invalid, "the store's address names no database", kWhere);
    // A machine that went away is noticed in seconds, not in a quarter of an hour.
    for (const auto& [name, value] : {std::pair{"connect_timeout", "5"},
                                      {"keepalives_idle", "10"},
                                      {"keepalives_interval", "5"},
                                      {"keepalives_count", "3"},
                                      {"tcp_user_timeout", "15000"},
                                      {"application_name", "souffleur-hub"}})
        options->try_emplace(name, value);
    (*options)["client_encoding"] = "UTF8";
    // Of several machines, the one that writes.
    if (says(valueOr(*options, "host"), ","))
        options->try_emplace("target_session_attrs", "read-write");
    if (!place.passwordFile.empty()) {
        auto password = passwordFrom(place.passwordFile);
        if (!password) return passOn(password);
        (*options)["password"] = *std::move(password);
    }
    std::string text;
    for (const auto& [name, value] : *options) append(text, name, value);
    return crypto::Secret(std::move(text));
}

Result<void> checkPlace(const PostgresPlace& place) {
    const auto text = connectionText(place);
    if (!text) return passOn(text);
    return {};
}

Result<void> checkServer(const ServerFacts& facts) {
    if (facts.version < kPostgresMin) {
        return tl::make_unexpected(away("this PostgreSQL is too old (" +
                                        std::to_string(facts.version / 10000) + "): it must be " +
                                        std::to_string(kPostgresMin / 10000) + " or newer"));
    }
    if (facts.standby || facts.readOnly) {
        return tl::make_unexpected(
            away("this PostgreSQL is a read-only replica: name the server that writes (with "
                 "several hosts, add target_session_attrs=read-write)"));
    }
    if (facts.encoding != "UTF8") {
        return tl::make_unexpected(
            away("the database does not hold UTF-8: make one with createdb --encoding=UTF8 "
                 "--template=template0"));
    }
    if (!facts.durable) {
        return tl::make_unexpected(
            away("this PostgreSQL runs with fsync or full_page_writes off: what it acknowledges "
                 "would be lost with the power"));
    }
    return {};
}

Error connectionError(std::string_view words) {
    if (says(words, "does not exist") && says(words, "database"))
        return away("there is no such database: make it, or correct the store's address");
    if (says(words, "authentication failed") || says(words, "no password supplied") ||
        says(words, "no pg_hba.conf entry") || says(words, "role")) {
        return away("the database server does not let the hub in: check the user, ~/.pgpass or "
                    "store-password-file, and the server's pg_hba.conf");
    }
    if (says(words, "certificate") || says(words, "SSL"))
        return away("the database server's certificate was not accepted: check sslrootcert");
    if (says(words, "read-only") || says(words, "hot standby") || says(words, "not read-write"))
        return away("this PostgreSQL is a read-only replica: name the server that writes");
    return away("the database server cannot be reached: is it running, is its address right?");
}

Error statementError(std::string_view state) {
    const std::string code(state);
    if (state == "53100") {
        return {Code::storage, "the database server's disk is full: free space, nothing was stored",
                kWhere};
    }
    if (state == "25006") return away("this PostgreSQL has become a read-only replica");
    if (state == "42501") {
        return away("the hub's user may not do this in the database: it must own the tables and "
                    "may make them (GRANT CREATE ON SCHEMA public TO …)");
    }
    if (state == "42P01" || state == "42703")
        return away("tables of the hub are missing in the database: restore it, or correct the "
                    "store's address");
    if (state == "XX001" || state == "XX002")
        return {Code::corrupt, "the hub's database is damaged: restore the last backup", kWhere};
    if (state == "22021" || state == "22P05") return {Code::invalid, "a text is not UTF-8", kWhere};
    const std::string_view kind = state.substr(0, 2);
    if (kind == "08" || kind == "40" || kind == "53" || kind == "55" || kind == "57" ||
        state == "25P03")
        return away("the database is busy or going away (" + code + "): try again");
    return {Code::storage, "the hub's database failed (" + code + ")", kWhere};
}

bool worthAnotherTry(std::string_view state) noexcept {
    return state == "40001" || state == "40P01";
}

} // namespace souffleur::store
