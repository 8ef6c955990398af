// The database below the store that a suite tests: the same suites run on SQLite and, in an
// executable of their own, on PostgreSQL (OnSqlite.cpp, postgres/OnPostgres.cpp). Each folder is a
// house of its own.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sync/store/Store.h"

namespace souffleur::test {

bool onPostgres();
Result<std::unique_ptr<store::Store>> tryOpen(const std::string& folder,
                                              const store::StoreKeys& keys = {});
/// Behind the store's back.
void sql(const std::string& folder, const std::string& statements);
/// The bytes as a literal of its SQL.
std::string blob(std::string_view bytes);
/// The closed house in `from` as it is, in the place of the one in `to`.
void copyStore(const std::string& from, const std::string& to);
/// Does anything that is stored hold the word (no quotes in it)?
bool storeHolds(const std::string& folder, std::string_view word);

} // namespace souffleur::test
