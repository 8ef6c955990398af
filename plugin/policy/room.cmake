file(GLOB policy_texts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugin/policy/packs/*.toml
  ${CMAKE_SOURCE_DIR}/plugin/policy/wordings/*.toml)
embed_sql(plugin-policy souffleur::policy::texts ${policy_texts})
