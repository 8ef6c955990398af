// An HTTP(S) client that never takes half an answer for a whole one: a response needs a
// Content-Length or complete chunks (POCO reports 200 and an empty body when a TLS peer vanishes).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/http/Message.h"
#include "plugin/http/Tls.h"

namespace souffleur::http {

struct ClientConfig {
    int connectTimeoutMs = 5000;
    int timeoutMs = 15000; ///< for one request in whole, from connecting on
    std::size_t maxResponseBytes = 4 * 1024 * 1024;
    std::optional<ClientTls> tls; ///< needed for https
    std::string userAgent = "souffleur";
};

struct ClientRequest {
    Method method = Method::get;
    std::string url; ///< http or https, no user info
    Headers headers;
    std::string body;
    int timeoutMs = 0;                ///< 0: the configuration's
    std::size_t maxResponseBytes = 0; ///< 0: the configuration's
    /// Gets the body in pieces as it comes (`body` stays empty); false ends the request with
    /// Code::conflict.
    std::function<bool(std::string_view)> sink;
};

struct ClientResponse {
    int status = 0;
    Headers headers;
    std::string body;
};

/// Carries a request to a server and its answer back: Client does; a test may do it otherwise.
class Carrier {
public:
    virtual ~Carrier() = default;
    /// As Client::send().
    virtual Result<ClientResponse> send(const ClientRequest& request) = 0;
    /// As Client::cancel().
    virtual void cancel() = 0;
    /// As Client::readTlsAgain().
    virtual void readTlsAgain() {}
};

/// Keeps one connection per instance alive between requests to the same server; follows no
/// redirect. One request at a time (others wait); cancel() from any thread. Any status is a
/// response, not an error.
class Client final : public Carrier {
public:
    explicit Client(ClientConfig config = {});
    ~Client() override;

    /// Blocks. Errors: invalid (URL), unavailable (no connection, timeout, cancelled), refused
    /// (certificate), corrupt (malformed or incomplete answer), tooLarge.
    Result<ClientResponse> send(const ClientRequest& request) override;
    Result<ClientResponse> get(const std::string& url, Headers headers = {});
    /// With application/json.
    Result<ClientResponse> post(const std::string& url, std::string json, Headers headers = {});

    /// The running request ends with Code::unavailable, and so does each later one until reset().
    void cancel() override;
    void reset();

    /// The files of its TLS have changed (a certificate was renewed): the next request opens a
    /// connection with what they hold then. Waits for the running request.
    void readTlsAgain() override;

private:
    struct State;
    std::unique_ptr<State> _state;
};

} // namespace souffleur::http
