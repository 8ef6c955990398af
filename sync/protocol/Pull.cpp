#include "sync/protocol/Pull.h"

#include <algorithm>
#include <charconv>

#include "plugin/base/Limits.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/HashText.h"

namespace souffleur::protocol {
namespace {

constexpr std::size_t kCursorMaxBytes = 2048;

Result<ForeignEvent> decodeEvent(std::string_view line) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos)
        return fail(Code::invalid, "an event line has a place and a header");
    ForeignEvent event;
    wire::JsonReader in(wire::Json::parse(line.substr(0, tab)));
    event.origin = in.id<OriginId>("origin");
    event.seq = static_cast<std::uint64_t>(in.integer("seq", 0, INT64_MAX));
    event.subject = in.id<SubjectId>("subject");
    if (auto ok = in.done(); !ok) return passOn(ok);
    event.header = std::string(line.substr(tab + 1));
    if (event.header.size() > limits::kEventMaxBytes)
        return fail(Code::tooLarge, "a header is over its limit");
    return event;
}

Result<void> decodeLine(std::string_view line, PullPage& page) {
    if (line.starts_with("e\t")) {
        auto event = decodeEvent(line.substr(2));
        if (!event) return passOn(event);
        page.events.push_back(std::move(*event));
        return {};
    }
    if (line.starts_with("c\t")) {
        auto card = wire::decodeCard(line.substr(2));
        if (!card) return passOn(card);
        page.cards.push_back(std::move(*card));
        return {};
    }
    return fail(Code::invalid, "a line of no known kind");
}

} // namespace

std::string heldText(const Held& held) {
    return std::to_string(held.seq) + "/" + hashText(held.head);
}

Result<Held> parseHeld(std::string_view text) {
    Held held;
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return fail(Code::invalid, "not a place in a chain");
    const char* end = text.data() + slash;
    const auto [at, error] = std::from_chars(text.data(), end, held.seq);
    const auto head = parseHash(text.substr(slash + 1));
    if (error != std::errc{} || at != end || !head)
        return fail(Code::invalid, "not a place in a chain");
    held.head = *head;
    return held;
}

std::string encodePage(const PullPage& page) {
    std::string text;
    for (const ForeignEvent& event : page.events) {
        wire::JsonWriter line;
        line.beginObject()
            .field("origin", event.origin)
            .field("seq", event.seq)
            .field("subject", event.subject);
        text += "e\t" + line.endObject().take() + "\t" + event.header + "\n";
    }
    for (const wire::Card& card : page.cards) {
        if (const auto json = wire::encodeCard(card)) text += "c\t" + *json + "\n";
    }
    wire::JsonWriter last;
    last.beginObject().field("cursor", page.cursor).field("more", page.more).endObject();
    return text + last.take() + "\n";
}

Result<PullPage> decodePage(std::string_view text) {
    if (text.size() > kPageMaxBytes) return fail(Code::tooLarge, "a page is over its limit");
    if (text.empty() || text.back() != '\n') return fail(Code::corrupt, "the page was cut off");
    text.remove_suffix(1);
    const std::size_t lastStart = text.rfind('\n') + 1; // npos + 1 = 0
    PullPage page;
    wire::JsonReader in(wire::Json::parse(text.substr(lastStart)));
    page.cursor = in.string("cursor", kCursorMaxBytes);
    page.more = in.boolean("more");
    if (!in.done()) return fail(Code::corrupt, "the page was cut off");
    std::string_view rest = text.substr(0, lastStart);
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        auto read = decodeLine(rest.substr(0, end), page);
        if (!read)
            return fail(read.error().code, read.error().message, "line " + std::to_string(number));
        rest.remove_prefix(end + 1);
    }
    return page;
}

} // namespace souffleur::protocol
