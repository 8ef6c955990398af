# souffleur_poco: what POCO hosts load (HostShim.h), beside libsouffleur_host.so.
add_library(souffleur_poco SHARED ${CMAKE_CURRENT_LIST_DIR}/shim/HostShim.cpp)
target_precompile_headers(souffleur_poco REUSE_FROM souffleur_pch)
target_link_libraries(souffleur_poco PRIVATE souffleur_flags Poco::Foundation souffleur_host)
target_link_options(souffleur_poco PRIVATE
  -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/shim/souffleur_poco.map -Wl,-z,nodelete)
set_target_properties(souffleur_poco PROPERTIES BUILD_RPATH "\$ORIGIN" INSTALL_RPATH "\$ORIGIN"
  LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/shim/souffleur_poco.map)

# The patterns of the print tap and of scanned codes travel inside the program.
file(GLOB tap_patterns CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/plugin/host/patterns/*.toml
  ${CMAKE_CURRENT_SOURCE_DIR}/plugin/host/scans/*.toml)
embed_sql(plugin-host souffleur::host ${tap_patterns})

# A CUPS backend that prints through the tap; cupsd knows it as /usr/lib/cups/backend/souffleur.
add_executable(souffleur-cups-backend ${CMAKE_CURRENT_LIST_DIR}/cups/main.cpp
  ${CMAKE_CURRENT_LIST_DIR}/cups/Straight.cpp ${CMAKE_CURRENT_LIST_DIR}/cups/ThroughTap.cpp)
target_precompile_headers(souffleur-cups-backend REUSE_FROM souffleur_pch)
target_link_libraries(souffleur-cups-backend PRIVATE plugin-host)
