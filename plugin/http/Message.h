// Requests and responses as handlers see them: values without sockets, so that a handler is tested
// by a call.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::http {

enum class Method { get, head, post, put, patch, del, options };

/// "GET"; and back (nothing for any other word, case matters).
std::string_view methodName(Method method) noexcept;
std::optional<Method> parseMethod(std::string_view name) noexcept;
/// The reason phrase of a status ("Not Found").
std::string_view reasonPhrase(int status) noexcept;

/// Header fields in order; names compare without case.
class Headers {
public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Field> fields) : _fields(fields) {}

    void add(std::string name, std::string value);
    /// Replaces every field of that name.
    void set(std::string_view name, std::string value);
    /// The first value, or an empty view; valid until the next change.
    [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
    [[nodiscard]] bool has(std::string_view name) const noexcept;
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
    [[nodiscard]] const std::vector<Field>& all() const noexcept { return _fields; }

private:
    std::vector<Field> _fields;
};

/// Who is at the other end of the connection.
struct Peer {
    std::string address; ///< "127.0.0.1"
    std::uint16_t port = 0;
    std::optional<unsigned> uid; ///< owner of a loopback peer's socket, when a gate asked for it
    bool tls = false;
    bool hasCertificate = false; ///< TLS peer showed a certificate that chains to our authority
    std::string commonName;      ///< of its certificate: the origin's UUID
    crypto::Hash fingerprint{};  ///< SHA-256 of its SubjectPublicKeyInfo
    TimeMs notBefore = 0; ///< its certificate's begin; may be to come where the server allows that
    TimeMs notAfter = 0;  ///< its certificate's end; may be past where the server allows that
};

/// One request. Path and parameters are percent-decoded, valid UTF-8 and without control
/// characters.
struct Request {
    Method method = Method::get;
    std::string path;                          ///< decoded, "/api/v1/subjects/abc"
    std::map<std::string, std::string> params; ///< of the route's template
    std::map<std::string, std::string> query;  ///< the first of each name
    Headers headers;
    std::string body;
    Peer peer;
    std::string session;   ///< id of the session a gate accepted, else empty
    std::string principal; ///< what the session stands for (an operator), else empty

    /// A cookie's value, or empty.
    [[nodiscard]] std::string cookie(std::string_view name) const;
    /// The media type in lower case without parameters ("application/json").
    [[nodiscard]] std::string contentType() const;
    /// A template parameter that the route is known to have; empty when absent.
    [[nodiscard]] const std::string& param(const std::string& name) const;
};

/// Where a streaming response writes. Used by the one thread that runs the stream.
class StreamWriter {
public:
    virtual ~StreamWriter() = default;
    /// Sends at once. False: the peer is gone, end the stream.
    virtual bool write(std::string_view bytes) = 0;
    /// The server is stopping: end the stream.
    [[nodiscard]] virtual bool stopping() const = 0;
};

/// One response. With `stream`, `body` is not sent and the stream runs until it returns.
struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    std::function<void(StreamWriter&)> stream;

    static Response json(std::string body, int status = 200);
    static Response text(std::string body, int status = 200);
    static Response noContent();
    static Response streaming(std::string contentType, std::function<void(StreamWriter&)> stream);
    /// problem+json (RFC 9457) with the status that statusOf() gives, or another. `code`: the
    /// stable member that pages act on; empty = what the status says ("malformed" for 400,
    /// "media-type" for 415 …), else the error's code.
    static Response problem(const Error& error, int status = 0, std::string_view code = {});
};

/// invalid 400, notFound 404, conflict 409, refused 403, locked 423, tooLarge 413, unavailable 503,
/// storage 507, corrupt 422, unsupported 501, internal 500.
int statusOf(Code code) noexcept;

/// An error becomes problem+json. Called from many threads at once.
using Handler = std::function<Result<Response>(const Request&)>;

} // namespace souffleur::http
