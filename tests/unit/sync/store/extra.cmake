# The same suites once more on PostgreSQL, without what is about SQLite's file.
test_executable(unit-sync-store-postgres
  "$<FILTER:$<TARGET_OBJECTS:unit-sync-store>,EXCLUDE,OnSqlite|SqliteFileTest>"
  ${CMAKE_CURRENT_LIST_DIR}/postgres/OnPostgres.cpp ${CMAKE_CURRENT_LIST_DIR}/postgres/PostgresStoreTest.cpp)
target_link_libraries(unit-sync-store-postgres PRIVATE sync-store)
