embed_sql(sync-mail souffleur::mail ${CMAKE_CURRENT_SOURCE_DIR}/sync/mail/disposable.txt)
