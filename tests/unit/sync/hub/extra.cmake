# A store's house and the person in it (unit/sync/store/Hub.h), on SQLite.
target_sources(unit-sync-hub PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/sync/store/OnSqlite.cpp)
