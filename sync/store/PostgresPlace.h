// Where a PostgreSQL is and whether it may hold a head office's memory. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "plugin/crypto/Secret.h"
#include "sync/store/Store.h"

namespace souffleur::store {

/// The oldest that this build is tested with.
inline constexpr int kPostgresMin = 150000;

/// What libpq is to be given: the address with our defaults (time-outs, verified TLS to another
/// machine) and the password, if a file holds it. Errors: invalid (unreadable, or with a password
/// in it; neither is repeated in the message), refused (unprotected over a network, be it that
/// PGHOST, PGHOSTADDR or PGSSLMODE say so; a service, whose file is not read; the file).
Result<crypto::Secret> connectionText(const PostgresPlace& place);

/// What a server says of itself.
struct ServerFacts {
    int version = 0; ///< 150004
    bool standby = false;
    bool readOnly = false;
    bool durable = true; ///< fsync and full_page_writes
    std::string encoding;
};

/// Errors: unavailable, with what to do.
Result<void> checkServer(const ServerFacts& facts);

/// Why there is no connection, from libpq's words, which themselves are not repeated.
Error connectionError(std::string_view words);

/// A failed statement by its SQLSTATE; its values are not repeated.
Error statementError(std::string_view state);
/// May the same transaction succeed at once?
bool worthAnotherTry(std::string_view state) noexcept;

} // namespace souffleur::store
