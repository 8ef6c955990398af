# The cashier's page, embedded. npm makes it where the pages' packages are installed (`npm ci`, which ./dev does);
# elsewhere, and under the sanitizers, a page that says how stands in its place.
set(panel_dir ${CMAKE_SOURCE_DIR}/plugin/panel)
set(panel_dist ${panel_dir}/dist)
find_program(NPM npm)
if(SOUFFLEUR_PAGES AND NPM AND EXISTS ${CMAKE_SOURCE_DIR}/node_modules/vite AND EXISTS ${panel_dir}/package.json)
  file(GLOB_RECURSE panel_sources CONFIGURE_DEPENDS ${panel_dir}/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/public/*
    ${CMAKE_SOURCE_DIR}/plugin/ui-kit/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/build/*)
  list(FILTER panel_sources EXCLUDE REGEX "\\.gen\\.ts$")
  set(panel_stamp ${CMAKE_BINARY_DIR}/generated/panel.stamp)
  add_custom_command(OUTPUT ${panel_stamp}
    COMMAND ${NPM} run --silent build -w plugin/panel
    COMMAND ${CMAKE_COMMAND} -E touch ${panel_stamp}
    DEPENDS ${panel_sources} ${panel_dir}/index.html ${panel_dir}/package.json ${panel_dir}/vite.config.ts
      ${CMAKE_SOURCE_DIR}/plugin/api/openapi.yaml ${CMAKE_SOURCE_DIR}/package-lock.json
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMENT "Building the cashier's page" VERBATIM)
  add_custom_target(panel DEPENDS ${panel_stamp})
  embed_assets(plugin-api ${panel_dist} panel ${panel_stamp})
else()
  set(panel_missing ${CMAKE_BINARY_DIR}/generated/panel-missing)
  file(MAKE_DIRECTORY ${panel_missing})
  file(COPY_FILE ${CMAKE_SOURCE_DIR}/plugin/api/missing.html ${panel_missing}/index.html ONLY_IF_DIFFERENT)
  embed_assets(plugin-api ${panel_missing} panel ${panel_missing}/index.html)
endif()
# The customer's page, likewise.
set(screen_dir ${CMAKE_SOURCE_DIR}/plugin/screen)
set(screen_dist ${screen_dir}/dist)
if(SOUFFLEUR_PAGES AND NPM AND EXISTS ${CMAKE_SOURCE_DIR}/node_modules/vite AND EXISTS ${screen_dir}/package.json)
  file(GLOB_RECURSE screen_sources CONFIGURE_DEPENDS ${screen_dir}/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/public/*
    ${CMAKE_SOURCE_DIR}/plugin/ui-kit/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/build/*)
  list(FILTER screen_sources EXCLUDE REGEX "\\.gen\\.ts$")
  set(screen_stamp ${CMAKE_BINARY_DIR}/generated/screen.stamp)
  add_custom_command(OUTPUT ${screen_stamp}
    COMMAND ${NPM} run --silent build -w plugin/screen
    COMMAND ${CMAKE_COMMAND} -E touch ${screen_stamp}
    DEPENDS ${screen_sources} ${screen_dir}/index.html ${screen_dir}/package.json ${screen_dir}/vite.config.ts
      ${CMAKE_SOURCE_DIR}/plugin/api/screen.yaml ${CMAKE_SOURCE_DIR}/package-lock.json
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMENT "Building the customer's page" VERBATIM)
  add_custom_target(screen_page DEPENDS ${screen_stamp})
  embed_assets(plugin-api ${screen_dist} screen ${screen_stamp})
else()
  set(screen_missing ${CMAKE_BINARY_DIR}/generated/screen-missing)
  file(MAKE_DIRECTORY ${screen_missing})
  file(COPY_FILE ${CMAKE_SOURCE_DIR}/plugin/api/missing.html ${screen_missing}/index.html ONLY_IF_DIFFERENT)
  embed_assets(plugin-api ${screen_missing} screen ${screen_missing}/index.html)
endif()
