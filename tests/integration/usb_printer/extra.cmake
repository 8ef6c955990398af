# libumockdev-preload stands in front of libc (and behind a sanitizer's library), so that the suite needs no wrapper.
find_library(UMOCKDEV_PRELOAD umockdev-preload REQUIRED)
target_link_options(integration-usb_printer BEFORE PRIVATE -Wl,--push-state,--no-as-needed ${UMOCKDEV_PRELOAD} -Wl,--pop-state)
target_link_libraries(integration-usb_printer PRIVATE PkgConfig::umockdev)
