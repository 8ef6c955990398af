target_link_libraries(integration-printing PRIVATE PkgConfig::zbar PkgConfig::pango)
