#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <sstream>

#include "drivers/emulator/Server.h"
#include "drivers/escpos/Encoder.h"
#include "tests/support/Property.h"
#include "tests/support/SampleSlip.h"

using namespace souffleur;

namespace {

struct Reply {
    int status = 0;
    std::string body;
    std::string type;
};

struct Page {
    emulator::VirtualPrinter printer{escpos::Profile{}};
    emulator::PaperServer server{printer, 0};

    Reply call(const std::string& method, const std::string& path, const std::string& body = {},
               const std::map<std::string, std::string>& headers = {}) {
        Poco::Net::HTTPClientSession session("127.0.0.1", server.port());
        session.setTimeout(Poco::Timespan(20, 0));
        Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
        for (const auto& [name, value] : headers) request.set(name, value);
        request.setContentLength(static_cast<std::streamsize>(body.size()));
        session.sendRequest(request) << body;
        Poco::Net::HTTPResponse response;
        std::stringstream text;
        text << session.receiveResponse(response).rdbuf();
        return {response.getStatus(), text.str(), response.getContentType()};
    }
};

} // namespace

TEST_CASE("the page, the list, pictures and texts are served") {
    Page page;
    page.printer.feed(escpos::Encoder(escpos::Profile{}).encode(test::sampleSlip()).value());
    CHECK(page.call("GET", "/").body.find("<!doctype html>") == 0);
    const auto list = page.call("GET", "/receipts.json");
    CHECK(list.type == "application/json");
    CHECK(list.body.find("\"number\":1,") != std::string::npos);
    CHECK(list.body.find("Anna van der Meer\\n") != std::string::npos);
    const auto picture = page.call("GET", "/receipts/1.png");
    CHECK(picture.type == "image/png");
    CHECK(picture.body.size() == page.printer.receipt(1)->png.size());
    CHECK(page.call("GET", "/receipts/1.txt").body == page.printer.receipt(1)->text);
}

TEST_CASE("what is not there is not found, and nothing else is reachable") {
    Page page;
    for (const char* path :
         {"/receipts/2.png", "/receipts/.png", "/receipts/-1.txt", "/receipts/../../etc/passwd",
          "/receipts/99999999999999999999.png", "/x", "/receipts/1.png.txt"}) {
        CAPTURE(path);
        CHECK(page.call("GET", path).status == 404);
    }
    CHECK(page.call("DELETE", "/receipts/1.png").status == 404);
}

TEST_CASE("a rebound name and a cross-site form get nothing") {
    Page page;
    CHECK(page.call("GET", "/receipts.json", {}, {{"Host", "evil.example.com"}}).status == 403);
    CHECK(page.call("POST", "/faults", "paperOut=1").status == 403);
    CHECK_FALSE(page.printer.faults().paperOut);
}

TEST_CASE("faults are switched from the page") {
    Page page;
    const std::map<std::string, std::string> ours = {{"X-Emulator", "1"}};
    CHECK(page.call("POST", "/faults", "paperOut=1&coverOpen=1", ours).status == 200);
    CHECK(page.printer.faults().paperOut);
    CHECK(page.printer.faults().coverOpen);
    CHECK(page.call("POST", "/faults", "paperOut=0", ours).body.find("\"coverOpen\":true") !=
          std::string::npos);
    CHECK_FALSE(page.printer.faults().paperOut);
    CHECK(page.call("POST", "/faults", "slow=1&drawerOpen=1", ours).body.find("\"slow\":true") !=
          std::string::npos);
    CHECK(page.printer.faults().bytesPerSecond > 0);
    CHECK(page.printer.faults().drawerOpen);
    CHECK(page.call("POST", "/faults", std::string(600, 'x'), ours).status == 413);
}
