target_link_libraries(integration-hotkey PRIVATE PkgConfig::xcb)
