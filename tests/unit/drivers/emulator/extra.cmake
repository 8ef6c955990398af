# zbar reads the QR codes back from the picture of the paper.
target_link_libraries(unit-drivers-emulator PRIVATE PkgConfig::zbar PkgConfig::pango)
