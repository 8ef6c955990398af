// rooms: plugin-host plugin-abi
// The sample box office against a real terminal's end, with a script as in the demo.
#include <array>
#include <cstdio>
#include <doctest/doctest.h>
#include <fstream>
#include <sys/wait.h>

#include "Paths.h"
#include "tests/integration/host/HostRig.h"

using namespace souffleur::host::test;

namespace {

struct Outcome {
    int code = -1;
    std::string text;
};

Outcome runOffice(const std::string& arguments) {
    const std::string command =
        std::string(kBinaryDir) + "/bin/souffleur-boxoffice " + arguments + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    Outcome outcome;
    std::array<char, 4096> bytes{};
    while (std::fgets(bytes.data(), static_cast<int>(bytes.size()), pipe) != nullptr) {
        outcome.text += bytes.data();
    }
    const int status = ::pclose(pipe);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

std::string script(const Folder& folder, const std::string& lines) {
    const std::string file = folder.path + "/script";
    std::ofstream(file) << lines;
    return file;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a script sells, and prints the flag it gets") {
    Folder folder;
    Terminal terminal(folder.socket());
    const auto file =
        script(folder, "wait-terminal 20000\n"
                       "select ask-1 \"Johanna van der Meer\" j@example.org nl # new\n"
                       "wait-flag ask 20000\n"
                       "basket opera 2 figaro\n"
                       "next ask-2\n"
                       "sell opera 2\n"
                       "clear\n"
                       "wait-terminal 20000\n");
    const auto outcome = runOffice("--socket " + folder.socket() + " --script " + file);
    CAPTURE(outcome.text);
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.text, "flag ask [] ask-1"));
    CHECK(contains(outcome.text, "for EUR 98.00"));
    CHECK(terminal.line("hinted ask-2"));
    CHECK(terminal.line("cleared"));
    bool sold = false;
    for (const auto& line : terminal.lines) sold = sold || line.starts_with("completed B");
    CHECK(sold);
}

TEST_CASE("without a terminal it sells on, and a wait ends with 3") {
    Folder folder;
    const auto file = script(folder, "select ask-1\nsell film 3\nwait-flag ask 1\n");
    const auto outcome = runOffice("--socket " + folder.socket() + " --script " + file);
    CHECK(outcome.code == 3);
    CHECK(contains(outcome.text, "no terminal; selling on"));
    CHECK(contains(outcome.text, "for EUR 73.50"));
}

TEST_CASE("a script with a mistake says where") {
    Folder folder;
    const auto outcome = runOffice("--socket " + folder.socket() + " --script " +
                                   script(folder, "clear\nsell opera\n"));
    CHECK(outcome.code == 2);
    CHECK(contains(outcome.text, "line 2"));
    CHECK(runOffice("--nonsense").code == 2);
}

TEST_CASE("by hand: a number selects from the list, s sells") {
    Folder folder;
    Terminal terminal(folder.socket());
    const std::string list = std::string(kSourceDir) + "/plugin/abi/example/customers.txt";
    const std::string keys = folder.path + "/keys";
    std::ofstream(keys) << "3\ns ballet 1\nn\nq\n";
    const auto outcome =
        runOffice("--socket " + folder.socket() + " --customers " + list + " < " + keys);
    CAPTURE(outcome.text);
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.text, "Смирнова"));
    // The second column stands under itself, whatever the letters of the first one are.
    CHECK(contains(outcome.text, "Emma Whitfield" + std::string(19, ' ') + "emma.whitfield@"));
    CHECK(contains(outcome.text, "Jürgen Groß" + std::string(22, ' ') + "juergen.gross@"));
    CHECK(contains(outcome.text, "Анна Петровна Смирнова" + std::string(11, ' ') + "a.smirnova@"));
    CHECK(terminal.line("selected 1003"));
    CHECK(terminal.line("cleared"));
}
