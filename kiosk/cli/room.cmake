add_executable(souffleur ${CMAKE_CURRENT_SOURCE_DIR}/kiosk/cli/main.cpp)
target_precompile_headers(souffleur REUSE_FROM souffleur_pch)
target_link_libraries(souffleur PRIVATE kiosk-cli)
