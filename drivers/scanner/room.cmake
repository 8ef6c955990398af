# The keyboard layouts travel inside the program.
file(GLOB scanner_layouts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/drivers/scanner/layouts/*.toml)
embed_sql(drivers-scanner souffleur::scanner ${scanner_layouts})
