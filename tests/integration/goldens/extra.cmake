target_link_libraries(integration-goldens PRIVATE PkgConfig::zbar PkgConfig::pango)
