target_link_libraries(integration-slip PRIVATE PkgConfig::zbar PkgConfig::pango)
