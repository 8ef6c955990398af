// rooms: kiosk-cli sync-hub
// The program itself: killed while visitors sign up, closed from its staff menu, searched for what
// was typed.
#include <signal.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "Paths.h"
#include "kiosk/cli/ChildProcess.h"
#include "tests/integration/kiosk/KioskRig.h"

using namespace souffleur;
using test::answersJson;
using test::eventually;

namespace {

namespace fs = std::filesystem;

constexpr TimeMs kReadyMs = 60 * kSecondMs;

/// `souffleur kiosk run` on an enrolled folder.
struct Program {
    explicit Program(test::Office& at)
        : office(at), device(at.enrolled(at.folder.path() / "kiosk")),
          ports(at.folder.path() / "ports.json") {}
    void start() {
        fs::remove(ports);
        auto started = cli::ChildProcess::start(fs::path(kBinaryDir) / "bin" / "souffleur",
                                                {"--data", device.folder.string(), "kiosk", "run",
                                                 "--with-parent", "--api-port", "0", "--ports-file",
                                                 ports.string(), "--sync-interval", "1",
                                                 "--sign-ups-a-minute", "10000"},
                                                office.folder.path() / "kiosk.log");
        REQUIRE(started.has_value());
        child = std::move(*started);
        const auto ready = cli::awaitFile(ports, *child, kReadyMs);
        REQUIRE_MESSAGE(ready.has_value(), (ready ? "" : ready.error().text()));
        page = std::make_unique<test::Page>(device.folder / "kiosk.launch");
    }
    /// 201, or 0 where nobody answered.
    int signUp(const std::string& mail) {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = page->base + "/api/kiosk/v1/sign-ups";
        request.headers = {{"X-Souffleur-Session", page->secret},
                           {"Cookie", page->cookie},
                           {"Content-Type", "application/json"}};
        request.body =
            answersJson(office.policy, R"(,"name":"Zita Kestrelwobble","email":")" + mail + "\"",
                        {"newsletter/email"});
        const auto answer = page->client.send(request);
        return answer ? answer->status : 0;
    }

    test::Office& office;
    protocol::Device device;
    fs::path ports;
    std::unique_ptr<cli::ChildProcess> child;
    std::unique_ptr<test::Page> page;
};

/// Does any readable memory of the process hold `text`?
bool inMemory(int pid, const std::string& text) {
    std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
    std::ifstream memory("/proc/" + std::to_string(pid) + "/mem", std::ios::binary);
    if (!maps || !memory) return false;
    std::string line;
    while (std::getline(maps, line)) {
        if (line.find(" r") == std::string::npos || line.find("[v") != std::string::npos) continue;
        const auto dash = line.find('-');
        const auto from = std::stoull(line.substr(0, dash), nullptr, 16);
        const auto to = std::stoull(line.substr(dash + 1), nullptr, 16);
        if (to - from > 256ULL * 1024 * 1024) continue;
        std::string bytes(to - from, '\0');
        memory.clear();
        memory.seekg(static_cast<std::streamoff>(from));
        memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
}

} // namespace

TEST_CASE("killed at any moment, every visitor who was thanked arrives, once") {
    test::Office office;
    Program kiosk(office);
    // Approved, and with head office's key, before the network goes.
    kiosk.start();
    REQUIRE(eventually([&] {
        return kiosk.page->get("/health").body.find(R"("takes":true)") != std::string::npos;
    }));
    office.close();
    std::vector<std::string> thanked;
    int tried = 0;
    for (int round = 0; round < 5; ++round) {
        if (round > 0) kiosk.start();
        const int pid = kiosk.child->pid();
        const auto after = std::chrono::milliseconds(office.random.below(250));
        const auto begin = std::chrono::steady_clock::now();
        std::atomic<bool> stop{false};
        // Somebody pulls the plug in the middle of it.
        std::thread plug([&] {
            (void) eventually([&] { return std::chrono::steady_clock::now() - begin > after; });
            (void) ::kill(pid, SIGKILL);
            stop = true;
        });
        while (!stop) {
            const std::string mail = "visitor" + std::to_string(++tried) + "@example.org";
            if (kiosk.signUp(mail) == 201) thanked.push_back(mail);
        }
        plug.join();
        kiosk.child.reset();
    }
    REQUIRE(!thanked.empty());
    office.open();
    kiosk.start();
    REQUIRE(eventually([&] { return !office.people(thanked.back()).empty(); }));
    for (const std::string& mail : thanked) {
        CAPTURE(mail);
        REQUIRE(eventually([&] { return !office.people(mail).empty(); }));
    }
    for (int i = 1; i <= tried; ++i)
        CHECK(office.people("visitor" + std::to_string(i) + "@example.org").size() <= 1);
    CHECK(office.home->store().verify().has_value());
}

TEST_CASE("after the wipe the process holds nothing of what was typed") {
    if (::geteuid() != 0) {
        MESSAGE("only root may look into a process that refuses dumps");
        return;
    }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
    MESSAGE("a sanitizer keeps what was freed");
    return;
#endif
    test::Office office;
    Program kiosk(office);
    kiosk.start();
    REQUIRE(eventually([&] {
        return kiosk.page->get("/health").body.find(R"("takes":true)") != std::string::npos;
    }));
    const std::string mail = "nobody-may-keep-this-address@example.org";
    CHECK(kiosk.page->post("/checks", R"({"email":")" + mail + "\"}").status == 200);
    // Several: on which thread's stack a short name is left is chance.
    for (int n = 0; n < 4; ++n) REQUIRE(kiosk.signUp(mail) == 201);
    REQUIRE(kiosk.page->post("/wipe", "").status == 204);
    // The connection's buffer goes with the connection.
    const std::string base = kiosk.page->base;
    kiosk.page.reset();
    for (const char* typed : {"nobody-may-keep-this", "Kestrelwobble"}) {
        CAPTURE(typed);
        CHECK(eventually([&] { return !inMemory(kiosk.child->pid(), typed); },
                         std::chrono::seconds(30), std::chrono::milliseconds(100)));
    }
    // And the search finds what is there.
    CHECK(inMemory(kiosk.child->pid(), kiosk.device.place));
}

TEST_CASE("the staff menu closes the kiosk") {
    test::Office office;
    Program kiosk(office);
    REQUIRE(crypto::writePrivateFile(office.folder.path() / "pin", "204816\n"));
    REQUIRE(cli::ChildProcess::run(fs::path(kBinaryDir) / "bin" / "souffleur",
                                   {"--data", kiosk.device.folder.string(), "kiosk", "pin",
                                    "--pin-file", (office.folder.path() / "pin").string()},
                                   office.folder.path() / "pin.log"));
    kiosk.start();
    REQUIRE(kiosk.page->post("/staff/sign-in", R"({"pin":"204816"})").status == 200);
    CHECK(kiosk.page->post("/staff/close", "").status == 202);
    CHECK(eventually([&] { return !kiosk.child->running(); }));
    CHECK(cli::ChildProcess::run(fs::path(kBinaryDir) / "bin" / "souffleur",
                                 {"--data", kiosk.device.folder.string(), "kiosk", "status"},
                                 office.folder.path() / "status.log"));
}
