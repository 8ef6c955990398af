# plugin-abi: the header and the frame codec, for both ends. souffleur_host: what hosts load.
set(abi ${CMAKE_CURRENT_LIST_DIR})

add_library(plugin-abi STATIC ${abi}/frame.c ${abi}/text.c)
target_link_libraries(plugin-abi PUBLIC souffleur_flags)

add_library(souffleur_host SHARED ${abi}/host.c ${abi}/link.c)
target_link_libraries(souffleur_host PRIVATE plugin-abi)
target_link_options(souffleur_host PRIVATE
  -Wl,--version-script=${abi}/souffleur_host.map -Wl,-z,relro,-z,now -Wl,-z,nodelete)
set_target_properties(souffleur_host PROPERTIES LINK_DEPENDS ${abi}/souffleur_host.map
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

add_executable(boxoffice ${abi}/example/boxoffice.c)
target_link_libraries(boxoffice PRIVATE souffleur_flags ${CMAKE_DL_LIBS})
set_target_properties(boxoffice PROPERTIES OUTPUT_NAME souffleur-boxoffice)
add_dependencies(boxoffice souffleur_host)

foreach(target plugin-abi souffleur_host boxoffice)
  target_compile_options(${target} PRIVATE -Wconversion)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
  set_target_properties(${target} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
endforeach()
list(APPEND ROOMS plugin-abi)
