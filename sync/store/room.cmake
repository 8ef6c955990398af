embed_sql(sync-store souffleur::store
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/001-events.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/002-house.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/003-safe.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/004-wordings.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/005-clocks.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/006-forks.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/007-times.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/008-slips.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/009-slips.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/010-trees.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/011-office.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/012-mails.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/statements.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/sqlite.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/postgres-001-hub.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/postgres-012-mails.sql
  ${CMAKE_CURRENT_SOURCE_DIR}/sync/store/sql/postgres.sql)
