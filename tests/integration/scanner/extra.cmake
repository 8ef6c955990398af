# The bed of the USB printers plays scanners as well; the preload as there.
target_sources(integration-scanner PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../usb_printer/UsbBed.cpp)
find_library(UMOCKDEV_PRELOAD umockdev-preload REQUIRED)
target_link_options(integration-scanner BEFORE PRIVATE -Wl,--push-state,--no-as-needed ${UMOCKDEV_PRELOAD} -Wl,--pop-state)
target_link_libraries(integration-scanner PRIVATE PkgConfig::umockdev)
