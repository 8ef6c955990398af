# embed_assets(TARGET DIST SYMBOL DEPENDS...): gzips every file below the built folder DIST and gives TARGET
# the function `std::span<const souffleur::http::Asset> souffleur::assets::SYMBOL()`. DIST need not exist
# before DEPENDS (files or targets, the stamp of the page's build) are made.
function(embed_assets target dist symbol)
  set(out ${CMAKE_BINARY_DIR}/generated/assets-${symbol})
  set(script ${CMAKE_SOURCE_DIR}/plugin/http/embed_assets.py)
  add_custom_command(OUTPUT ${out}.cpp ${out}.S BYPRODUCTS ${out}.bin
    COMMAND python3 ${script} ${dist} ${symbol} ${out}
    DEPENDS ${ARGN} ${script} VERBATIM)
  set_source_files_properties(${out}.cpp ${out}.S PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  set_source_files_properties(${out}.S PROPERTIES OBJECT_DEPENDS ${out}.bin)
  target_sources(${target} PRIVATE ${out}.cpp ${out}.S)
endfunction()
