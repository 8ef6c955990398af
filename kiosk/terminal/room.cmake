# The printer profiles travel inside the program.
file(GLOB printer_profiles CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/firmware-config/profiles/*.toml)
embed_sql(kiosk-terminal souffleur::terminal ${printer_profiles})
