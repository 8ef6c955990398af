#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

// fontconfig keeps its tables until the process ends; everything else that leaks is ours to mend.
extern "C" __attribute__((visibility("default"), used)) const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfontconfig\nleak:libpangoft2\n";
}

// These libraries are not instrumented: their locks and atomics are invisible to the thread
// checker.
extern "C" __attribute__((visibility("default"), used)) const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
    return "called_from_lib:libfontconfig.so\ncalled_from_lib:libglib-2.0.so\n"
           "called_from_lib:libpangoft2-1.0.so\ncalled_from_lib:libpango-1.0.so\n"
           "called_from_lib:libpangocairo-1.0.so\ncalled_from_lib:libcairo.so\n"
           "called_from_lib:libharfbuzz.so\n"
           "called_from_lib:libgobject-2.0.so\n"
           "called_from_lib:libgio-2.0.so\ncalled_from_lib:libumockdev.so\n"
           "called_from_lib:libumockdev-preload.so\ncalled_from_lib:libudev.so\n";
}
