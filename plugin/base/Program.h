// The edges of a program: what it says of a command line that it does not understand, and of a
// failure that nothing caught.
#pragma once

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace souffleur {

/// The exit code of both programs for a command line that they do not understand.
inline constexpr int kMisuse = 2;

/// One line that names the program, what was wrong or the word that is none of its commands, and
/// the commands whose --help tells more. `app`: the parser as CLI11 has it (`CLI::App`; this room
/// knows no library); `what`: its complaint; `commandLacks`: it expected one more command.
template <typename App>
std::string misuseLine(std::string_view program, const App& app, std::string what,
                       bool commandLacks) {
    const std::vector<std::string> words = app.remaining(true);
    if (commandLacks && !words.empty()) what = "no such command here: " + words.front();
    std::replace(what.begin(), what.end(), '\n', ' ');
    std::string line(program);
    line.append(": ").append(what).append(" (").append(program);
    for (auto below = app.get_subcommands(); !below.empty();) {
        line.append(" ").append(below.front()->get_name());
        below = below.front()->get_subcommands();
    }
    return line + " --help)";
}

/// `run`, and for what it throws one line on standard error without personal data, and 1.
template <typename Run>
int guardedMain(std::string_view program, const Run& run) {
    const auto say = [program](const std::string& what) {
        const std::string line = std::string(program) + ": " + what + "\n";
        (void) std::fputs(line.c_str(), stderr);
        return 1;
    };
    try {
        return run();
    } catch (const std::filesystem::filesystem_error& error) {
        return say(error.path1().string() + ": " + error.code().message());
    } catch (const std::exception&) {
        return say("stopped by an unexpected failure");
    }
}

} // namespace souffleur
