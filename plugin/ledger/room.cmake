file(GLOB ledger_sql CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugin/ledger/sql/*.sql)
embed_sql(plugin-ledger souffleur::ledger::sql ${ledger_sql})
