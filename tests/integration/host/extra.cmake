# A terminal's end as a process of its own, to be stopped and killed; and what the tests run.
add_executable(host-server ${CMAKE_CURRENT_SOURCE_DIR}/integration/host/server/main.cpp)
target_link_libraries(host-server PRIVATE plugin-host)
set_target_properties(host-server PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/support)
target_link_libraries(integration-host PRIVATE ${CMAKE_DL_LIBS})
add_dependencies(integration-host host-server souffleur_host souffleur_poco boxoffice)
