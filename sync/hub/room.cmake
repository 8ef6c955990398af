add_executable(souffleur-hub ${CMAKE_CURRENT_SOURCE_DIR}/sync/hub/main.cpp)
target_precompile_headers(souffleur-hub REUSE_FROM souffleur_pch)
target_link_libraries(souffleur-hub PRIVATE sync-hub)
# Of plugin/slip head office makes receipts alone: what draws and prints slips is not loaded (ADR 0008).
target_link_options(souffleur-hub PRIVATE LINKER:--as-needed)

# The console's page, embedded as plugin/api does it for the panel.
set(console_dir ${CMAKE_SOURCE_DIR}/sync/console)
if(SOUFFLEUR_PAGES AND NPM AND EXISTS ${CMAKE_SOURCE_DIR}/node_modules/vite AND EXISTS ${console_dir}/package.json)
  file(GLOB_RECURSE console_sources CONFIGURE_DEPENDS ${console_dir}/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/public/*
    ${CMAKE_SOURCE_DIR}/plugin/ui-kit/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/build/*)
  list(FILTER console_sources EXCLUDE REGEX "\\.gen\\.ts$")
  set(console_stamp ${CMAKE_BINARY_DIR}/generated/console.stamp)
  add_custom_command(OUTPUT ${console_stamp}
    COMMAND ${NPM} run --silent build -w sync/console
    COMMAND ${CMAKE_COMMAND} -E touch ${console_stamp}
    DEPENDS ${console_sources} ${console_dir}/index.html ${console_dir}/package.json ${console_dir}/vite.config.ts
      ${CMAKE_SOURCE_DIR}/sync/hub/openapi.yaml ${CMAKE_SOURCE_DIR}/package-lock.json
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMENT "Building the console's page" VERBATIM)
  add_custom_target(console DEPENDS ${console_stamp})
  embed_assets(sync-hub ${console_dir}/dist console ${console_stamp})
else()
  set(console_missing ${CMAKE_BINARY_DIR}/generated/console-missing)
  file(MAKE_DIRECTORY ${console_missing})
  file(COPY_FILE ${CMAKE_SOURCE_DIR}/plugin/api/missing.html ${console_missing}/index.html ONLY_IF_DIFFERENT)
  embed_assets(sync-hub ${console_missing} console ${console_missing}/index.html)
endif()

# The page for customers, likewise.
set(preferences_dir ${CMAKE_SOURCE_DIR}/sync/preferences)
if(SOUFFLEUR_PAGES AND NPM AND EXISTS ${CMAKE_SOURCE_DIR}/node_modules/vite AND EXISTS ${preferences_dir}/package.json)
  file(GLOB_RECURSE preferences_sources CONFIGURE_DEPENDS ${preferences_dir}/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/public/*
    ${CMAKE_SOURCE_DIR}/plugin/ui-kit/src/* ${CMAKE_SOURCE_DIR}/plugin/ui-kit/build/*)
  list(FILTER preferences_sources EXCLUDE REGEX "\\.gen\\.ts$")
  set(preferences_stamp ${CMAKE_BINARY_DIR}/generated/preferences.stamp)
  add_custom_command(OUTPUT ${preferences_stamp}
    COMMAND ${NPM} run --silent build -w sync/preferences
    COMMAND ${CMAKE_COMMAND} -E touch ${preferences_stamp}
    DEPENDS ${preferences_sources} ${preferences_dir}/index.html ${preferences_dir}/package.json ${preferences_dir}/vite.config.ts
      ${CMAKE_SOURCE_DIR}/package-lock.json
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMENT "Building the page for customers" VERBATIM)
  add_custom_target(preferences DEPENDS ${preferences_stamp})
  embed_assets(sync-hub ${preferences_dir}/dist preferences ${preferences_stamp})
else()
  set(preferences_missing ${CMAKE_BINARY_DIR}/generated/preferences-missing)
  file(MAKE_DIRECTORY ${preferences_missing})
  file(COPY_FILE ${CMAKE_SOURCE_DIR}/plugin/api/missing.html ${preferences_missing}/index.html ONLY_IF_DIFFERENT)
  embed_assets(sync-hub ${preferences_missing} preferences ${preferences_missing}/index.html)
endif()
