# What runs inside the virtual machine; only `./dev test vm` builds it (run.py). Not in tests/, where every executable is
# a suite of this machine.
function(vm_suite name)
  add_executable(vm-${name} EXCLUDE_FROM_ALL ${ARGN})
  target_precompile_headers(vm-${name} REUSE_FROM souffleur_pch)
  target_link_libraries(vm-${name} PRIVATE test_main drivers-printer drivers-emulator drivers-scanner)
  set_target_properties(vm-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/vm)
endfunction()

# The scenarios of integration-usb_printer, on another bed.
vm_suite(usb vm/KernelBed.cpp vm/Gadget.cpp vm/RulesTest.cpp integration/usb_printer/UsbTransportTest.cpp
  integration/usb_printer/UsbWatchTest.cpp integration/usb_printer/UsbPrinterTest.cpp)
# Those of integration-scanner.
vm_suite(hid vm/KernelBed.cpp vm/Gadget.cpp integration/scanner/HidScannerTest.cpp)
vm_suite(serial vm/SerialPrinterTest.cpp)
vm_suite(scanner vm/ScannerTest.cpp)
