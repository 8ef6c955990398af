embed_sql(kiosk-lobby souffleur::lobby ${CMAKE_CURRENT_SOURCE_DIR}/kiosk/lobby/sql/sealed.sql)
# The visitor's page, embedded as the cashier's is (plugin/api/room.cmake).
set(kiosk_dir ${CMAKE_SOURCE_DIR}/kiosk/ui)
set(kiosk_dist ${kiosk_dir}/dist)
find_program(NPM npm)
if(SOUFFLEUR_PAGES AND NPM AND EXISTS ${CMAKE_SOURCE_DIR}/node_modules/vite AND EXISTS ${kiosk_dir}/package.json)
  file(GLOB_RECURSE kiosk_sources CONFIGURE_DEPENDS ${kiosk_dir}/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/public/*
    ${CMAKE_SOURCE_DIR}/plugin/ui-kit/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/build/*)
  list(FILTER kiosk_sources EXCLUDE REGEX "\\.gen\\.ts$")
  set(kiosk_stamp ${CMAKE_BINARY_DIR}/generated/kiosk.stamp)
  add_custom_command(OUTPUT ${kiosk_stamp}
    COMMAND ${NPM} run --silent build -w kiosk/ui
    COMMAND ${CMAKE_COMMAND} -E touch ${kiosk_stamp}
    DEPENDS ${kiosk_sources} ${kiosk_dir}/index.html ${kiosk_dir}/package.json ${kiosk_dir}/vite.config.ts
      ${CMAKE_SOURCE_DIR}/kiosk/lobby/openapi.yaml ${CMAKE_SOURCE_DIR}/package-lock.json
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMENT "Building the lobby's page" VERBATIM)
  add_custom_target(kiosk_page DEPENDS ${kiosk_stamp})
  embed_assets(kiosk-lobby ${kiosk_dist} kiosk ${kiosk_stamp})
else()
  set(kiosk_missing ${CMAKE_BINARY_DIR}/generated/kiosk-missing)
  file(MAKE_DIRECTORY ${kiosk_missing})
  file(COPY_FILE ${CMAKE_SOURCE_DIR}/kiosk/lobby/missing.html ${kiosk_missing}/index.html ONLY_IF_DIFFERENT)
  embed_assets(kiosk-lobby ${kiosk_missing} kiosk ${kiosk_missing}/index.html)
endif()
