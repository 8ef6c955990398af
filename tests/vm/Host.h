// What a suite in the machine asks of the world outside it (run.py, Hands): plugs, keys, faults.
#pragma once

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace souffleur::test {

/// Asks, and returns when it is done: `@host faults paperOut=1`. What it leads to in here may come
/// later.
inline void host(const std::string& words) {
    static const int line = ::open("/dev/ttyS1", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    (void) std::printf("@host %s\n", words.c_str());
    (void) std::fflush(stdout);
    char byte = 0;
    while (byte != '\n') {
        if (::read(line, &byte, 1) != 1 && errno != EINTR)
            throw std::runtime_error("the host does not answer");
    }
}

} // namespace souffleur::test
