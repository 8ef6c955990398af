// host-server PATH: a SelectionServer that prints every event as a line and answers each selection
// with the flag its customer id names ("ask-1" -> ask). Ends when standard input does.
#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <unistd.h>

#include "plugin/host/SelectionServer.h"

namespace {

class Printer final : public souffleur::host::HostEvents {
public:
    void selected(const souffleur::host::Selection& selection) override {
        std::printf("selected %s\n", selection.id.c_str());
        std::fflush(stdout);
        souffleur::host::FlagView view;
        view.ref = selection.ref;
        view.kind = selection.id.substr(0, selection.id.rfind('-'));
        view.words = selection.id;
        view.asOf = 1;
        server.wait(nullptr); // a host may be faster than main
        server.load()->publishFlag(view);
    }
    void cleared(const souffleur::host::SelectionRef&) override { line("cleared"); }
    void completed(const souffleur::host::Completed& order) override {
        line("completed " + order.orderId);
    }
    void hinted(const souffleur::host::Selection& next) override { line("hinted " + next.id); }
    static void line(const std::string& text) {
        std::printf("%s\n", text.c_str());
        std::fflush(stdout);
    }

    std::atomic<souffleur::host::SelectionServer*> server = nullptr;
};

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const souffleur::SystemClock clock;
    Printer events;
    auto server = souffleur::host::SelectionServer::start(argv[1], events, clock);
    if (!server) {
        std::fprintf(stderr, "%s\n", server.error().text().c_str());
        return 1;
    }
    events.server = server->get();
    events.server.notify_all();
    Printer::line("ready");
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return 0;
}
