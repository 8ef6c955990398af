// The chunked transfer coding (RFC 9112, 7.1), read strictly: POCO's own reader takes a truncated
// body for a whole one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace souffleur::http {

/// Fed with bytes as they come. Trailers are read and dropped.
class ChunkedDecoder {
public:
    enum class Progress { more, done, malformed };

    /// Appends decoded bytes to `out`. Sets `used` to what was consumed: all, unless done or
    /// malformed.
    Progress feed(std::string_view bytes, std::string& out, std::size_t& used);

private:
    enum class Part {
        size,
        extension,
        sizeEnd,
        body,
        bodyReturn,
        bodyEnd,
        trailer,
        trailerEnd,
        end,
        bad
    };
    Part step(char c);
    Part sizeStep(char c);
    Part trailerStep(char c);

    Part _part = Part::size;
    std::uint64_t _left = 0; ///< of the chunk's bytes
    std::size_t _digits = 0;
    std::size_t _overhead = 0;    ///< bytes of this line or of the trailers, bounded
    std::size_t _trailerLine = 0; ///< length of the present trailer line
};

} // namespace souffleur::http
