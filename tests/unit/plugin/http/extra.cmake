# A page that is built after configuring, as the real ones are.
set(dist ${CMAKE_CURRENT_BINARY_DIR}/http-testpage)
add_custom_command(OUTPUT ${dist}.stamp
  COMMAND ${CMAKE_COMMAND} -E make_directory ${dist}/assets
  COMMAND ${CMAKE_COMMAND} -E echo "<!doctype html><title>Test</title>" > ${dist}/index.html
  COMMAND ${CMAKE_COMMAND} -E echo "export default 1" > ${dist}/assets/index-Ab12_d34.js
  COMMAND ${CMAKE_COMMAND} -E echo "{}" > ${dist}/site.webmanifest
  COMMAND ${CMAKE_COMMAND} -E touch ${dist}.stamp VERBATIM)
embed_assets(unit-plugin-http ${dist} testpage ${dist}.stamp)
