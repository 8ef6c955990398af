add_executable(souffleur-hub ${CMAKE_CURRENT_SOURCE_DIR}/sync/hub/main.cpp)
target_precompile_headers(souffleur-hub REUSE_FROM souffleur_pch)
target_link_libraries(souffleur-hub PRIVATE sync-hub)
