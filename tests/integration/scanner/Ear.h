// A listener of a scanner that a test can wait for. Header only.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "drivers/scanner/Scanner.h"

namespace souffleur::test {

class Ear final : public scanner::Events {
public:
    void scanned(const scanner::Code& code) override {
        const std::scoped_lock lock(_mutex);
        _codes.push_back(code);
        _changed.notify_all();
    }
    void changed(scanner::State state, const std::string& words) override {
        const std::scoped_lock lock(_mutex);
        _state = state;
        _words = words;
        _changed.notify_all();
    }
    /// The first `count` codes; fewer after 20 s.
    std::vector<scanner::Code> codes(std::size_t count) {
        std::unique_lock lock(_mutex);
        _changed.wait_for(lock, std::chrono::seconds(20), [&] { return _codes.size() >= count; });
        return _codes;
    }
    /// Waits for the state and for words that hold `part`; gives the words.
    std::string told(scanner::State state, const std::string& part = {}) {
        std::unique_lock lock(_mutex);
        _changed.wait_for(lock, std::chrono::seconds(20), [&] {
            return _state == state && !_words.empty() && _words.find(part) != std::string::npos;
        });
        return _words;
    }

private:
    std::mutex _mutex;
    std::condition_variable _changed;
    std::vector<scanner::Code> _codes;
    scanner::State _state = scanner::State::absent;
    std::string _words;
};

} // namespace souffleur::test
